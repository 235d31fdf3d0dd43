#include "server/service/batch_call.h"

#include <utility>

#include "digits/v1/digits.pb.h"
#include "server/service/messages.h"
#include "server/service/status.h"
#include "server/service/still_waits.h"

namespace digits {

void ClassifyBatchCall::Post(const Shared& shared) {
  const auto call = std::make_shared<ClassifyBatchCall>(shared);
  call->self_ = call;
  call->context_.AsyncNotifyWhenDone(&call->over_);
  shared.service.Request(kMethod, call->context_, call->stream_, shared.loop.queue(),
                         &call->arrived_);
}

void ClassifyBatchCall::Arrived(bool ok) {
  if (!ok) return self_.reset();  // the server shuts down
  Post(shared_);
  shared_.open_calls.Begin();
  began_ = shared_.reports.Began();
  under_way_ = 2;  // the event `over_`, and the wait for a slot
  shared_.slots.Enter(self_);
}

void ClassifyBatchCall::Admitted() {
  const Lock lock(mutex_);
  admitted_ = true;
  under_way_ += 2 - 1;
  read_alarm_.Set(&shared_.loop.queue(), std::chrono::system_clock::now() + shared_.transfer_time,
                  &read_late_);
  stream_.Read(&request_, &read_);
}

void ClassifyBatchCall::Refused() {
  const Lock lock(mutex_);
  Finish(absl::UnavailableError("the server is shutting down"));
  --under_way_;
}

void ClassifyBatchCall::Read(bool ok) {
  Lock lock(mutex_);
  read_alarm_.Cancel();
  read_done_ = true;
  if (!finished_) {
    if (ok) {
      ++under_way_;
      shared_.workers.Run([this] { Answer(); });  // which under_way_ counts
    } else {
      Finish(absl::InvalidArgumentError("the call ended without a request"));
    }
  }
  Release(std::move(lock));
}

void ClassifyBatchCall::ReadLate(bool late) {
  Lock lock(mutex_);
  if (late && !read_done_) {
    Finish(absl::DeadlineExceededError("the request took too long to arrive"));
  }
  Release(std::move(lock));
}

void ClassifyBatchCall::Answer() {
  grpc::ByteBuffer response;
  const auto still_wanted = [this] { return StillWaits(context_); };
  const absl::Status status = AnswerBytes<v1::ClassifyBatchRequest, v1::ClassifyBatchResponse>(
      context_, request_, response, [&](const auto& request, auto& answer) {
        return ClassifyBatch(shared_.context, request, began_, shared_.workers, still_wanted,
                             answer);
      });
  const Lock lock(mutex_);
  --under_way_;
  if (!status.ok()) return Finish(status);
  answered_ = true;
  finished_ = true;
  under_way_ += 2;
  write_alarm_.Set(&shared_.loop.queue(), std::chrono::system_clock::now() + shared_.transfer_time,
                   &written_late_);
  stream_.WriteAndFinish(response, grpc::WriteOptions(), grpc::Status::OK, &left_);
}

void ClassifyBatchCall::WrittenLate(bool late) {
  if (late) context_.TryCancel();
  Release(Lock(mutex_));
}

void ClassifyBatchCall::Finish(const absl::Status& error) {
  shared_.reports.Ended(context_, began_, error);
  finished_ = true;
  ++under_way_;
  stream_.Finish(ToGrpcStatus(error), &left_);
}

void ClassifyBatchCall::Left(bool ok) {
  Lock lock(mutex_);
  if (answered_) {
    const absl::Status status =
        ok ? absl::OkStatus()
           : absl::CancelledError("the answer took too long to leave, or the caller is gone");
    shared_.reports.Ended(context_, began_, status);
  }
  write_alarm_.Cancel();
  const bool admitted = std::exchange(admitted_, false);
  lock.unlock();
  if (admitted) shared_.slots.Release();
  lock.lock();
  Release(std::move(lock));
}

void ClassifyBatchCall::Over(bool /*ok*/) {
  // Nothing else would end it before its turn.
  const bool left = shared_.slots.Leave(*this);
  Lock lock(mutex_);
  if (left) {
    Finish(absl::CancelledError("the caller is gone"));
    --under_way_;
  }
  Release(std::move(lock));
}

void ClassifyBatchCall::Release(Lock lock) {
  if (--under_way_ > 0) return;
  const std::shared_ptr<ClassifyBatchCall> self = std::move(self_);
  lock.unlock();
  shared_.open_calls.Ended();
}

}  // namespace digits
