#include "server/service/classify_service.h"

#include "digits/v1/digits.pb.h"
#include "server/service/batch_call.h"
#include "server/service/messages.h"
#include "server/service/status.h"
#include "server/service/stream_call.h"

namespace digits {
namespace {

// The method's place in digits.proto.
constexpr int kClassifyBatch = 1;

// Counts as open from its arrival until its answer has left. Owns itself until then.
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  explicit UnaryCall(OpenCalls& open_calls) : open_calls_(open_calls) { open_calls_.Begin(); }

  void OnDone() override {
    OpenCalls& open_calls = open_calls_;
    delete this;
    open_calls.Ended();
  }

 private:
  OpenCalls& open_calls_;
};

template <typename Request, typename Response, typename Answer>
grpc::ServerUnaryReactor* AnswerUnary(OpenCalls& open_calls,
                                      const grpc::CallbackServerContext& call,
                                      const grpc::ByteBuffer& bytes, grpc::ByteBuffer& answered,
                                      Answer answer) {
  auto* reactor = new UnaryCall(open_calls);
  grpc::ByteBuffer readable = bytes;  // shares the bytes
  reactor->Finish(ToGrpcStatus(AnswerBytes<Request, Response>(call, readable, answered, answer)));
  return reactor;
}

}  // namespace

ClassifyService::ClassifyService(const ServiceContext& context, const BatchLimits& limits)
    : context_(context), batches_(limits) {
  // Read by the call itself: see batch_call.h. To clients it is unary all the same.
  MarkMethodStreamed(kClassifyBatch,
                     new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
                         [this](grpc::CallbackServerContext* call) {
                           return ClassifyBatchCall::Start(context_, batches_, open_calls_, *call);
                         }));
}

grpc::ServerUnaryReactor* ClassifyService::Classify(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return AnswerUnary<v1::ClassifyRequest, v1::ClassifyResponse>(
      open_calls_, *call, *request, *response, [this](const auto& asked, auto& answer) {
        return digits::Classify(context_, asked, answer);
      });
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* ClassifyService::ClassifyStream(
    grpc::CallbackServerContext* call) {
  return ClassifyStreamCall::Start(context_, open_calls_, *call);
}

grpc::ServerUnaryReactor* ClassifyService::GetModel(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return AnswerUnary<v1::GetModelRequest, v1::GetModelResponse>(
      open_calls_, *call, *request, *response, [this](const auto& asked, auto& answer) {
        return digits::GetModel(context_, asked, answer);
      });
}

grpc::ServerUnaryReactor* ClassifyService::ListModels(grpc::CallbackServerContext* call,
                                                      const grpc::ByteBuffer* request,
                                                      grpc::ByteBuffer* response) {
  return AnswerUnary<v1::ListModelsRequest, v1::ListModelsResponse>(
      open_calls_, *call, *request, *response, [this](const auto& asked, auto& answer) {
        return digits::ListModels(context_, asked, answer);
      });
}

}  // namespace digits
