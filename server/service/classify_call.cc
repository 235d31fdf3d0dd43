#include "server/service/classify_call.h"

#include "server/service/messages.h"
#include "server/service/requests.h"
#include "server/service/still_waits.h"

namespace digits {

void ClassifyCall::Answer(grpc::ByteBuffer& bytes) {
  large_ = bytes.Length() > kLargeMessageBytes;
  absl::Status status = ParseMessage(bytes, request_);
  if (status.ok()) {
    const absl::StatusOr<ClassifyTask> task = CheckRequest(*context_.models, request_);
    status = task.status();
    if (status.ok()) {
      model_ = task->model;
      status = compute_.Add(*model_, *this, loop());
    }
  }
  if (status.ok()) return;
  Forget();
  Finish(status);
}

bool ClassifyCall::StillWanted() {
  waits_ = StillWaits(context());
  return waits_.ok();
}

void ClassifyCall::Dropped() {
  Forget();
  Finish(waits_);
}

void ClassifyCall::Answered(std::span<const float> probabilities, float digit_score) {
  Forget();
  response_.Clear();
  FillResponse(*model_, probabilities, digit_score, response_);
  Finish(SerializeMessage(response_));
}

void ClassifyCall::Forget() {
  if (large_) request_ = v1::ClassifyRequest();
}

}  // namespace digits
