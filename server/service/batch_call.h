// ClassifyBatch on gRPC's callback API.
#ifndef DIGITS_SERVER_SERVICE_BATCH_CALL_H_
#define DIGITS_SERVER_SERVICE_BATCH_CALL_H_

#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/service/answers.h"
#include "server/service/open_calls.h"

namespace digits {

// One call. gRPC hands unary calls over when their request has arrived, and a shutdown before that
// drops them; a batch may take seconds to arrive, so the server reads it itself, as a stream of one
// message, and the call counts as open from the first. Owns itself until OnDone.
class ClassifyBatchCall final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  // What is referred to outlives the call.
  ClassifyBatchCall(const ServiceContext& context, OpenCalls& open_calls,
                    const grpc::CallbackServerContext& call);

  void OnReadDone(bool ok) override;
  void OnDone() override;

 private:
  const ServiceContext& context_;
  OpenCalls& open_calls_;
  const grpc::CallbackServerContext& call_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_BATCH_CALL_H_
