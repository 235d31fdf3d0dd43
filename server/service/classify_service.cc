#include "server/service/classify_service.h"

#include "absl/status/status.h"
#include "digits/v1/digits.pb.h"
#include "server/service/caller.h"
#include "server/service/messages.h"
#include "server/service/status.h"
#include "server/service/stream.h"

namespace digits {
namespace {

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

// answer(request, response) -> absl::Status
template <typename Request, typename Response, typename Answer>
absl::Status AnswerBytes(const grpc::CallbackServerContext& call, const grpc::ByteBuffer& bytes,
                         grpc::ByteBuffer& answered, Answer answer) {
  if (absl::Status status = StillWaits(call); !status.ok()) return status;
  Request request;
  if (absl::Status status = ParseMessage(bytes, request); !status.ok()) return status;
  Response response;
  if (absl::Status status = answer(request, response); !status.ok()) return status;
  answered = SerializeMessage(response);
  return absl::OkStatus();
}

template <typename Request, typename Response, typename Answer>
grpc::ServerUnaryReactor* AnswerUnary(OpenCalls& open_calls,
                                      const grpc::CallbackServerContext& call,
                                      const grpc::ByteBuffer& bytes, grpc::ByteBuffer& answered,
                                      Answer answer) {
  auto* reactor = new UnaryCall(open_calls);
  reactor->Finish(ToGrpcStatus(AnswerBytes<Request, Response>(call, bytes, answered, answer)));
  return reactor;
}

}  // namespace

grpc::ServerUnaryReactor* ClassifyService::Classify(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return AnswerUnary<v1::ClassifyRequest, v1::ClassifyResponse>(
      open_calls_, *call, *request, *response, [this](const auto& asked, auto& answer) {
        return digits::Classify(context_, asked, answer);
      });
}

grpc::ServerUnaryReactor* ClassifyService::ClassifyBatch(grpc::CallbackServerContext* call,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  return AnswerUnary<v1::ClassifyBatchRequest, v1::ClassifyBatchResponse>(
      open_calls_, *call, *request, *response, [&](const auto& asked, auto& answer) {
        return digits::ClassifyBatch(
            context_, asked, [call] { return StillWaits(*call); }, answer);
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
