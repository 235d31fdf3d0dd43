// ClassifyStream on gRPC's callback API.
#ifndef DIGITS_SERVER_SERVICE_STREAM_CALL_H_
#define DIGITS_SERVER_SERVICE_STREAM_CALL_H_

#include <memory>
#include <mutex>

#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/service/answers.h"
#include "server/service/open_calls.h"

namespace digits {

// Reads a message, answers it, and reads the next one when that answer is on its way: order is
// kept, and a stream holds one message however fast its client sends. Owns itself until OnDone.
class ClassifyStreamCall final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                                 public OpenCalls::Stream {
 public:
  // What is referred to outlives the call.
  static ClassifyStreamCall* Start(const ServiceContext& context, OpenCalls& open_calls,
                                   const grpc::CallbackServerContext& call);

  void End() override;

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  ClassifyStreamCall(const ServiceContext& context, OpenCalls& open_calls,
                     const grpc::CallbackServerContext& call)
      : context_(context), open_calls_(open_calls), call_(call) {}

  // Both with mutex_ held.
  void ReadNext();
  void FinishOnce(const grpc::Status& status);

  const ServiceContext& context_;
  OpenCalls& open_calls_;
  const grpc::CallbackServerContext& call_;
  std::shared_ptr<ClassifyStreamCall> self_;

  std::mutex mutex_;  // guards what follows; End() may come from any thread
  bool reading_ = false;
  bool ending_ = false;
  bool finished_ = false;

  // The message in hand; only one operation is under way at any time.
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_STREAM_CALL_H_
