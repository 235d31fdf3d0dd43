#include "server/service/batch_call.h"

#include "absl/status/status.h"
#include "digits/v1/digits.pb.h"
#include "server/service/messages.h"
#include "server/service/status.h"
#include "server/service/still_waits.h"

namespace digits {

ClassifyBatchCall::ClassifyBatchCall(const ServiceContext& context, OpenCalls& open_calls,
                                     const grpc::CallbackServerContext& call)
    : context_(context), open_calls_(open_calls), call_(call) {
  open_calls_.Begin();
  StartRead(&request_);
}

void ClassifyBatchCall::OnReadDone(bool ok) {
  const auto still_wanted = [this] { return StillWaits(call_); };
  const absl::Status status =
      ok ? AnswerBytes<v1::ClassifyBatchRequest, v1::ClassifyBatchResponse>(
               call_, request_, response_,
               [&](const auto& request, auto& response) {
                 return ClassifyBatch(context_, request, still_wanted, response);
               })
         : absl::InvalidArgumentError("the call ended without a request");
  request_.Clear();
  if (!status.ok()) {
    Finish(ToGrpcStatus(status));
    return;
  }
  StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
}

void ClassifyBatchCall::OnDone() {
  OpenCalls& open_calls = open_calls_;
  delete this;
  open_calls.Ended();
}

}  // namespace digits
