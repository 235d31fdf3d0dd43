#include "server/service/messages.h"

#include <cstdint>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/support/proto_buffer_reader.h"

namespace digits {
namespace {

// The contract's messages have five at most; later ones may have more.
constexpr int kMaxFields = 64;

}  // namespace

bool HasFewFields(const grpc::ByteBuffer& bytes) {
  using google::protobuf::internal::WireFormatLite;
  grpc::ByteBuffer readable = bytes;  // shares the bytes
  grpc::ProtoBufferReader reader(&readable);
  google::protobuf::io::CodedInputStream input(&reader);
  int fields = 0;
  while (const uint32_t tag = input.ReadTag()) {
    // Groups, which proto3 has none of, would hold any number of fields.
    if (++fields > kMaxFields ||
        WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_START_GROUP) {
      return false;
    }
    if (!WireFormatLite::SkipField(&input, tag)) break;  // the parser says what is wrong
  }
  return true;
}

}  // namespace digits
