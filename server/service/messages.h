// Messages from and to gRPC's bytes. The handlers do this themselves because gRPC answers bytes
// that are no message with UNIMPLEMENTED, and ends a stream over them without a word.
#ifndef DIGITS_SERVER_SERVICE_MESSAGES_H_
#define DIGITS_SERVER_SERVICE_MESSAGES_H_

#include "absl/status/status.h"
#include "fmt/format.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/service/requests.h"
#include "server/service/still_waits.h"

namespace digits {

// Whether parsing the bytes as a `message` takes no more memory than their own size suggests.
// protobuf keeps fields that it does not know, and each takes some 64 bytes of memory for as few as
// two of the message.
bool HasFewFields(const grpc::ByteBuffer& bytes, const google::protobuf::Descriptor& message);

// Empties `bytes`, as megabytes need not be there twice. InvalidArgument where they are no Message,
// ResourceExhausted where they are more than kMaxBytesOf<Message>.
template <typename Message>
absl::Status ParseMessage(grpc::ByteBuffer& bytes, Message& message) {
  if (bytes.Length() > kMaxBytesOf<Message>) {
    const absl::Status status = absl::ResourceExhaustedError(
        fmt::format("the request has {} bytes; a {} has {} at most", bytes.Length(),
                    Message::descriptor()->full_name(), kMaxBytesOf<Message>));
    bytes.Clear();
    return status;
  }
  if (!HasFewFields(bytes, *Message::descriptor())) {
    bytes.Clear();
    return absl::InvalidArgumentError(
        fmt::format("the request has more fields than any {}", Message::descriptor()->full_name()));
  }
  if (grpc::SerializationTraits<Message>::Deserialize(&bytes, &message).ok()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("the request is not a valid {}: its bytes do not parse, or a text in it is not "
                  "UTF-8; see digits/v1/digits.proto",
                  Message::descriptor()->full_name()));
}

// Messages beyond this are not kept for the next call's: few have as much, and many calls may be
// open.
inline constexpr size_t kLargeMessageBytes = 4096;

// Never fails for messages below 2 GB.
template <typename Message>
grpc::ByteBuffer SerializeMessage(const Message& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  grpc::SerializationTraits<Message>::Serialize(message, &bytes, &own_buffer);
  return bytes;
}

// A whole call: parses `bytes`, emptying them, lets `answer(request, response)` fill the response
// or fail with an absl::Status, and puts its bytes into `answered`. Nothing is done for a caller
// who is gone.
template <typename Request, typename Response, typename Answer>
absl::Status AnswerBytes(const grpc::ServerContextBase& call, grpc::ByteBuffer& bytes,
                         grpc::ByteBuffer& answered, Answer answer) {
  if (absl::Status status = StillWaits(call); !status.ok()) return status;
  Response response;
  {
    Request request;
    if (absl::Status status = ParseMessage(bytes, request); !status.ok()) return status;
    if (absl::Status status = answer(request, response); !status.ok()) return status;
  }
  answered = SerializeMessage(response);
  return absl::OkStatus();
}

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_MESSAGES_H_
