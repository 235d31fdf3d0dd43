// A service whose messages are bytes.
#ifndef DIGITS_SERVER_SERVICE_RAW_SERVICE_H_
#define DIGITS_SERVER_SERVICE_RAW_SERVICE_H_

#include <set>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/byte_buffer.h"

namespace digits {

using RawUnaryWriter = grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>;
using RawStream = grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;

// Handlers parse and serialize: see messages.h. Methods are named by their index in the .proto
// file.
class RawService final : public grpc::Service {
 public:
  // `streams`: the methods that read and write message by message, whatever they are to clients.
  RawService(const google::protobuf::ServiceDescriptor& service, const std::set<int>& streams);

  // Ask for one call each. `event`, an Event, happens when it has come, for unary methods with its
  // request; with false when the server shuts down before.
  void Request(int method, grpc::ServerContext& context, grpc::ByteBuffer& request,
               RawUnaryWriter& writer, grpc::ServerCompletionQueue& queue, void* event) {
    RequestAsyncUnary(method, &context, &request, &writer, &queue, &queue, event);
  }
  void Request(int method, grpc::ServerContext& context, RawStream& stream,
               grpc::ServerCompletionQueue& queue, void* event) {
    RequestAsyncBidiStreaming(method, &context, &stream, &queue, &queue, event);
  }

 private:
  std::vector<std::string> names_;  // gRPC keeps pointers to them
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_RAW_SERVICE_H_
