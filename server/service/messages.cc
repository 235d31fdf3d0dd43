#include "server/service/messages.h"

#include <cstdint>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/support/proto_buffer_reader.h"

namespace digits {
namespace {

// With those of the messages within. The contract's have eleven at most; later ones may have more.
constexpr int kMaxFields = 64;

// Counts down `fields_left`. False where there are more.
bool CountFields(google::protobuf::io::CodedInputStream& input,
                 const google::protobuf::Descriptor& message, int& fields_left) {
  using google::protobuf::internal::WireFormatLite;
  while (const uint32_t tag = input.ReadTag()) {
    // Groups, which proto3 has none of, would hold any number of fields.
    const WireFormatLite::WireType type = WireFormatLite::GetTagWireType(tag);
    if (--fields_left < 0 || type == WireFormatLite::WIRETYPE_START_GROUP) return false;
    const google::protobuf::FieldDescriptor* const field =
        message.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    // Where the bytes are malformed, the parser says so.
    if (type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED && field != nullptr &&
        field->message_type() != nullptr) {
      int size = 0;
      if (!input.ReadVarintSizeAsInt(&size)) return true;
      const auto limit = input.PushLimit(size);
      if (!CountFields(input, *field->message_type(), fields_left)) return false;
      input.PopLimit(limit);
    } else if (!WireFormatLite::SkipField(&input, tag)) {
      return true;
    }
  }
  return true;
}

}  // namespace

bool HasFewFields(const grpc::ByteBuffer& bytes, const google::protobuf::Descriptor& message) {
  grpc::ByteBuffer readable = bytes;  // shares the bytes
  grpc::ProtoBufferReader reader(&readable);
  google::protobuf::io::CodedInputStream input(&reader);
  int fields_left = kMaxFields;
  return CountFields(input, message, fields_left);
}

}  // namespace digits
