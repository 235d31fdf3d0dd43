#include "server/service/stream_call.h"

#include <utility>

#include "server/service/messages.h"
#include "server/service/requests.h"
#include "server/service/status.h"
#include "server/service/still_waits.h"

namespace digits {
namespace {

// That a stream holds at once: enough for a pass that is worth its while.
constexpr size_t kMostMessages = 64;
// Of messages that wait to be read or computed; the last one may go beyond.
constexpr size_t kMostBytes = size_t{4} << 20;

}  // namespace

absl::Status ClassifyStreamCall::Message::Parse(grpc::ByteBuffer& message) {
  if (absl::Status status = ParseMessage(message, request_); !status.ok()) return status;
  response.set_id(request_.id());
  return absl::OkStatus();
}

absl::StatusOr<ClassifyTask> ClassifyStreamCall::Message::Check(const ModelRegistry& models) const {
  return CheckRequest(models, request_);
}

absl::Status ClassifyStreamCall::Message::StillWaits() const {
  return digits::StillWaits(stream_.context_);
}

void ClassifyStreamCall::Message::Respond() {
  Lock lock(stream_.mutex_);
  ready = true;
  stream_.bytes_in_hand_ -= bytes;
  stream_.GoOn(std::move(lock));
}

void ClassifyStreamCall::Message::Fail(const absl::Status& error) {
  stream_.shared_.reports.Failed(stream_.context_, error);
  FillError(error, *response.mutable_error());
  Respond();
}

void ClassifyStreamCall::Post(const Shared& shared) {
  const auto call = std::make_shared<ClassifyStreamCall>(shared);
  call->self_ = call;
  call->context_.AsyncNotifyWhenDone(&call->over_);
  shared.service.Request(kMethod, call->context_, call->stream_, shared.loop.queue(),
                         &call->arrived_);
}

void ClassifyStreamCall::End() {
  const Lock lock(mutex_);
  ending_ = true;
  Finish();
}

void ClassifyStreamCall::Arrived(bool ok) {
  if (!ok) return self_.reset();  // the server shuts down
  Post(shared_);
  began_ = shared_.reports.Began();
  {
    const Lock lock(mutex_);
    under_way_ = 1;  // the event `over_`
  }
  shared_.open_calls.Begin(self_);
  const Lock lock(mutex_);
  ReadNext();
}

void ClassifyStreamCall::Read(bool ok) {
  Lock lock(mutex_);
  reading_ = false;
  if (!ok || finished_) {
    all_read_ = true;
    return GoOn(std::move(lock));
  }
  const auto arrival = CallReports::Clock::now();
  shared_.reports.MessageReceived();
  if (free_.empty()) {
    free_.push_back(messages_.emplace_back(std::make_unique<Message>(*this)).get());
  }
  Message* const message = free_.back();
  free_.pop_back();
  message->ready = false;
  message->bytes = request_.Length();
  message->response.Clear();
  in_hand_.push_back(message);
  bytes_in_hand_ += message->bytes;
  ++under_way_;
  // The next one, if it has come, is then an event at hand, and shares this one's pass.
  grpc::ByteBuffer bytes;  // request_ is gRPC's from now on
  bytes.Swap(&request_);
  ReadNext();
  lock.unlock();
  message->Take(bytes, arrival, shared_.loop);
  lock.lock();
  GoOn(std::move(lock));
}

void ClassifyStreamCall::Written(bool ok) {
  Lock lock(mutex_);
  writing_ = false;
  if (!ok) deaf_ = true;
  free_.push_back(in_hand_.front());
  in_hand_.pop_front();
  GoOn(std::move(lock));
}

void ClassifyStreamCall::Left(bool /*ok*/) { GoOn(Lock(mutex_)); }

void ClassifyStreamCall::Over(bool /*ok*/) { GoOn(Lock(mutex_)); }

void ClassifyStreamCall::GoOn(Lock lock) {
  WriteNext();
  ReadNext();
  Finish();
  if (--under_way_ > 0) return;
  const std::shared_ptr<ClassifyStreamCall> self = std::move(self_);
  lock.unlock();
  shared_.open_calls.Ended(self);
}

void ClassifyStreamCall::ReadNext() {
  if (reading_ || all_read_ || ending_ || finished_) return;
  if (in_hand_.size() >= kMostMessages || bytes_in_hand_ >= kMostBytes) return;
  reading_ = true;
  ++under_way_;
  stream_.Read(&request_, &read_);
}

void ClassifyStreamCall::WriteNext() {
  if (writing_) return;
  while (deaf_ && !in_hand_.empty() && in_hand_.front()->ready) {
    free_.push_back(in_hand_.front());
    in_hand_.pop_front();
  }
  if (in_hand_.empty() || !in_hand_.front()->ready) return;
  writing_ = true;
  ++under_way_;
  shared_.reports.MessageSent();
  stream_.Write(SerializeMessage(in_hand_.front()->response), &written_);
}

void ClassifyStreamCall::Finish() {
  if (finished_ || !in_hand_.empty() || !(ending_ || all_read_)) return;
  finished_ = true;
  ++under_way_;
  // Where the client is gone, nobody hears it.
  const absl::Status status =
      all_read_ ? StillWaits(context_) : absl::UnavailableError("the server is shutting down");
  shared_.reports.Ended(context_, began_, status);
  stream_.Finish(ToGrpcStatus(status), &left_);
}

}  // namespace digits
