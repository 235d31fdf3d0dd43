#include "server/service/classify_call.h"

#include "server/service/messages.h"
#include "server/service/requests.h"
#include "server/service/still_waits.h"

namespace digits {

void ClassifyCall::Answer(grpc::ByteBuffer& bytes) {
  if (absl::Status status = ParseMessage(bytes, request_); !status.ok()) return Finish(status);
  const absl::StatusOr<ClassifyTask> task = CheckRequest(*context_.models, request_);
  if (!task.ok()) return Finish(task.status());
  model_ = task->model;
  if (absl::Status status = compute_.Add(*model_, *this, loop()); !status.ok()) Finish(status);
}

bool ClassifyCall::StillWanted() { return StillWaits(context()).ok(); }

void ClassifyCall::Dropped() { Finish(StillWaits(context())); }

void ClassifyCall::Answered(std::span<const float> probabilities, float digit_score) {
  response_.Clear();
  FillResponse(*model_, probabilities, digit_score, response_);
  Finish(SerializeMessage(response_));
}

}  // namespace digits
