#include "server/service/still_waits.h"

#include <chrono>

namespace digits {

absl::Status StillWaits(const grpc::ServerContextBase& call) {
  // gRPC cancels a call whose deadline passed, but only once one of its threads gets to that.
  if (call.deadline() <= std::chrono::system_clock::now()) {
    return absl::DeadlineExceededError("the deadline passed before the answer was computed");
  }
  if (call.IsCancelled()) return absl::CancelledError("the caller cancelled the call");
  return absl::OkStatus();
}

}  // namespace digits
