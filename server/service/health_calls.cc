#include "server/service/health_calls.h"

#include <utility>

#include "server/service/messages.h"
#include "server/service/status.h"

namespace digits {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

namespace {

HealthCheckResponse ResponseOf(std::optional<bool> serving) {
  HealthCheckResponse response;
  response.set_status(!serving   ? HealthCheckResponse::SERVICE_UNKNOWN
                      : *serving ? HealthCheckResponse::SERVING
                                 : HealthCheckResponse::NOT_SERVING);
  return response;
}

}  // namespace

void HealthCheckCall::Answer(grpc::ByteBuffer& bytes) {
  HealthCheckRequest request;
  if (absl::Status status = ParseMessage(bytes, request); !status.ok()) return Finish(status);
  const std::optional<bool> serving = health_.Get(request.service());
  if (!serving) return Finish(absl::NotFoundError("health knows no service of this name"));
  Finish(SerializeMessage(ResponseOf(serving)));
}

void HealthWatchCall::Post(const Shared& shared) {
  const auto call = std::make_shared<HealthWatchCall>(shared);
  call->self_ = call;
  call->context_.AsyncNotifyWhenDone(&call->over_);
  shared.service.Request(kHealthWatch, call->context_, call->stream_, shared.loop.queue(),
                         &call->arrived_);
}

void HealthWatchCall::Changed() {
  const Lock lock(mutex_);
  WriteNews();
}

void HealthWatchCall::Arrived(bool ok) {
  if (!ok) return self_.reset();  // the server shuts down
  Post(shared_);
  shared_.open_calls.Begin();
  began_ = shared_.reports.Began();
  under_way_ = 2;  // the request, and the event `over_`
  stream_.Read(&request_, &read_);
}

void HealthWatchCall::Read(bool ok) {
  HealthCheckRequest request;
  absl::Status status = absl::InvalidArgumentError("the call ended without a request");
  if (ok) status = ParseMessage(request_, request);
  Lock lock(mutex_);
  if (!finished_ && status.ok()) {
    shared_.health.Add(self_);
    name_ = request.service();
    WriteNews();
  } else {
    Finish(status);
  }
  Release(std::move(lock));
}

void HealthWatchCall::Written(bool /*ok*/) {
  Lock lock(mutex_);
  writing_ = false;
  WriteNews();
  Release(std::move(lock));
}

void HealthWatchCall::Left(bool /*ok*/) { Release(Lock(mutex_)); }

void HealthWatchCall::Over(bool /*ok*/) {
  shared_.health.Remove(self_);
  Lock lock(mutex_);
  Finish(absl::CancelledError());
  Release(std::move(lock));
}

void HealthWatchCall::WriteNews() {
  if (writing_ || finished_ || !name_) return;
  const HealthCheckResponse response = ResponseOf(shared_.health.Get(*name_));
  if (told_ == response.status()) return;
  told_ = response.status();
  writing_ = true;
  ++under_way_;
  stream_.Write(SerializeMessage(response), &written_);
}

void HealthWatchCall::Finish(const absl::Status& status) {
  if (std::exchange(finished_, true)) return;
  ++under_way_;
  // Clients end watches by cancelling them.
  shared_.reports.Counted(began_, status.code());
  stream_.Finish(ToGrpcStatus(status), &left_);
}

void HealthWatchCall::Release(Lock lock) {
  if (--under_way_ > 0) return;
  const std::shared_ptr<HealthWatchCall> self = std::move(self_);
  lock.unlock();
  shared_.open_calls.Ended();
}

}  // namespace digits
