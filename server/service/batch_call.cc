#include "server/service/batch_call.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "digits/v1/digits.pb.h"
#include "server/service/messages.h"
#include "server/service/status.h"
#include "server/service/still_waits.h"

namespace digits {

BatchResources::BatchResources(const BatchLimits& limits)
    : transfer_time(limits.transfer_time),
      slots(limits.slots),
      workers(std::clamp(size_t{std::thread::hardware_concurrency()}, size_t{1}, limits.slots)) {}

ClassifyBatchCall* ClassifyBatchCall::Start(const ServiceContext& context,
                                            BatchResources& resources, OpenCalls& open_calls,
                                            const grpc::CallbackServerContext& call) {
  const std::shared_ptr<ClassifyBatchCall> batch(
      new ClassifyBatchCall(context, resources, open_calls, call));
  batch->self_ = batch;
  open_calls.Begin();
  // It cannot be over before this returns: until then, gRPC only notes what it is to do.
  resources.slots.Enter(batch);
  return batch.get();
}

void ClassifyBatchCall::Admitted() {
  const std::lock_guard lock(mutex_);
  admitted_ = true;
  LimitTransfer([this] {
    const std::lock_guard late_lock(mutex_);
    if (arrived_or_late_.test_and_set()) return;
    Finish(ToGrpcStatus(absl::DeadlineExceededError("the request took too long to arrive")));
  });
  StartRead(&request_);
}

void ClassifyBatchCall::Refused() {
  Finish(ToGrpcStatus(absl::UnavailableError("the server is shutting down")));
}

void ClassifyBatchCall::OnCancel() {
  // Nothing else would end it before its turn.
  if (resources_.slots.Leave(*this)) Finish(grpc::Status::CANCELLED);
}

void ClassifyBatchCall::OnReadDone(bool ok) {
  alarm_.reset();
  if (arrived_or_late_.test_and_set()) return;
  if (!ok) {
    Finish(ToGrpcStatus(absl::InvalidArgumentError("the call ended without a request")));
    return;
  }
  resources_.workers.Run([self = shared_from_this()] { self->Answer(); });
}

void ClassifyBatchCall::Answer() {
  const auto still_wanted = [this] { return StillWaits(call_); };
  const absl::Status status = AnswerBytes<v1::ClassifyBatchRequest, v1::ClassifyBatchResponse>(
      call_, request_, response_, [&](const auto& request, auto& response) {
        return ClassifyBatch(context_, request, still_wanted, response);
      });
  if (!status.ok()) {
    Finish(ToGrpcStatus(status));
    return;
  }
  LimitTransfer([this] { Cancel(); });
  StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
}

void ClassifyBatchCall::LimitTransfer(std::function<void()> late) {
  alarm_.emplace();
  // An alarm that is no longer wanted still calls, with false.
  alarm_->Set(std::chrono::system_clock::now() + resources_.transfer_time,
              [self = shared_from_this(), late = std::move(late)](bool is_late) {
                if (is_late) late();
              });
}

void ClassifyBatchCall::Cancel() {
  const std::lock_guard lock(mutex_);
  if (!done_) call_.TryCancel();
}

void ClassifyBatchCall::OnDone() {
  // Lives on until this returns.
  const std::shared_ptr<ClassifyBatchCall> self = std::move(self_);
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  alarm_.reset();
  request_.Clear();
  response_.Clear();
  if (admitted_) resources_.slots.Release();
  open_calls_.Ended();
}

}  // namespace digits
