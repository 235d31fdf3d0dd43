#include "server/service/classify_call.h"

#include "server/service/messages.h"
#include "server/service/still_waits.h"

namespace digits {

absl::Status ClassifyCall::Parse(grpc::ByteBuffer& bytes) { return ParseMessage(bytes, request_); }

absl::StatusOr<ClassifyTask> ClassifyCall::Check(const ModelRegistry& models) const {
  return CheckRequest(models, request_);
}

absl::Status ClassifyCall::StillWaits() const { return digits::StillWaits(context()); }

v1::ClassifyResponse& ClassifyCall::EmptyResponse() {
  response_.Clear();
  return response_;
}

void ClassifyCall::Respond() { Finish(SerializeMessage(response_)); }

}  // namespace digits
