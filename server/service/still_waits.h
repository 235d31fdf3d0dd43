// Whether the caller still waits for an answer.
#ifndef DIGITS_SERVER_SERVICE_STILL_WAITS_H_
#define DIGITS_SERVER_SERVICE_STILL_WAITS_H_

#include "absl/status/status.h"
#include "grpcpp/server_context.h"

namespace digits {

// OK, or Cancelled, or DeadlineExceeded. To be asked before anything is computed.
absl::Status StillWaits(const grpc::ServerContextBase& call);

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_STILL_WAITS_H_
