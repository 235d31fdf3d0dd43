// Messages to and from gRPC's bytes. The handlers do this themselves because gRPC answers bytes
// that are no message with UNIMPLEMENTED, and ends a stream over them without a word.
#ifndef DIGITS_SERVER_SERVICE_MESSAGES_H_
#define DIGITS_SERVER_SERVICE_MESSAGES_H_

#include "absl/status/status.h"
#include "fmt/format.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/byte_buffer.h"

namespace digits {

// InvalidArgument where the bytes are no Message.
template <typename Message>
absl::Status ParseMessage(const grpc::ByteBuffer& bytes, Message& message) {
  grpc::ByteBuffer readable = bytes;  // shares the bytes
  if (grpc::SerializationTraits<Message>::Deserialize(&readable, &message).ok()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("the request is not a valid {}: its bytes do not parse, or a text in it is not "
                  "UTF-8; see digits/v1/digits.proto",
                  Message::descriptor()->full_name()));
}

// Never fails for messages below 2 GB.
template <typename Message>
grpc::ByteBuffer SerializeMessage(const Message& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  grpc::SerializationTraits<Message>::Serialize(message, &bytes, &own_buffer);
  return bytes;
}

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_MESSAGES_H_
