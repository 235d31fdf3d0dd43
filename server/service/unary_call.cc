#include "server/service/unary_call.h"

#include "server/service/status.h"

namespace digits {

void UnaryCall::Pool::Post(size_t calls) {
  for (; calls > 0; --calls) {
    if (free_.empty()) {
      free_.push_back(calls_.emplace_back(make_(*this)).get());
    }
    UnaryCall* const call = free_.back();
    free_.pop_back();
    call->Post();
  }
}

void UnaryCall::Finish(const grpc::ByteBuffer& response) {
  pool_.place_.reports.Ended(*context_, began_, absl::OkStatus());
  writer_->Finish(response, grpc::Status::OK, &left_);
}

void UnaryCall::Finish(const absl::Status& error) {
  pool_.place_.reports.Ended(*context_, began_, error);
  writer_->FinishWithError(ToGrpcStatus(error), &left_);
}

void UnaryCall::Post() {
  context_.emplace();
  context_->AsyncNotifyWhenDone(&over_);
  writer_.emplace(&*context_);
  const Place& place = pool_.place_;
  place.service.Request(place.method, *context_, request_, *writer_, place.loop.queue(), &arrived_);
}

void UnaryCall::Arrived(bool ok) {
  if (!ok) return;  // the server shuts down
  pool_.place_.open_calls.Begin();
  began_ = pool_.place_.reports.Began();
  under_way_ = 2;
  pool_.Post(1);
  Answer(request_);
}

void UnaryCall::Left(bool /*ok*/) { Free(); }

void UnaryCall::Over(bool /*ok*/) { Free(); }

void UnaryCall::Free() {
  if (--under_way_ > 0) return;
  writer_.reset();
  context_.reset();
  request_.Clear();
  pool_.free_.push_back(this);
  pool_.place_.open_calls.Ended();
}

}  // namespace digits
