// What operators learn of calls: counts, and a line in the log for each that failed.
#ifndef DIGITS_SERVER_SERVICE_CALL_REPORTS_H_
#define DIGITS_SERVER_SERVICE_CALL_REPORTS_H_

#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "grpcpp/server_context.h"
#include "server/service/log_limiter.h"
#include "server/service/rpc_metrics.h"
#include "spdlog/common.h"

namespace digits {

// One a level, so that a flood of clients' mistakes hides no failure of the server's.
using LogLimiters = std::array<LogLimiter, spdlog::level::n_levels>;

// How loud a failure is: one of the server's is an error, what more of the server would prevent is
// a warning, and the rest are the clients' own.
spdlog::level::level_enum LevelOf(absl::StatusCode code);

// Of the calls of one method. May be used from any number of threads at once.
class CallReports {
 public:
  using Clock = std::chrono::steady_clock;

  // `method`: "digits.v1.DigitClassifier/Classify". `metrics`: null where nothing is counted. Both
  // `metrics` and `limiters` outlive it.
  CallReports(std::string method, RpcMetrics* metrics, LogLimiters& limiters)
      : method_(std::move(method)), metrics_(metrics), limiters_(limiters) {}

  // A call has begun; when.
  Clock::time_point Began() const {
    if (metrics_ != nullptr) metrics_->Started();
    return Clock::now();
  }

  // It ends, right now, so that `call` is still there. OK: it is answered.
  void Ended(const grpc::ServerContextBase& call, Clock::time_point began,
             const absl::Status& status) const {
    Counted(began, status.code());
    if (!status.ok()) Failed(call, status);
  }
  // The same for one whose failure is nobody's.
  void Counted(Clock::time_point began, absl::StatusCode code) const {
    if (metrics_ != nullptr) metrics_->Handled(code, Clock::now() - began);
  }

  // Of a stream.
  void MessageReceived() const {
    if (metrics_ != nullptr) metrics_->MessageReceived();
  }
  void MessageSent() const {
    if (metrics_ != nullptr) metrics_->MessageSent();
  }

  // Logs that the call, or a message of it, failed: the method, the code's name, why, who called
  // and, where the metadata have a traceparent, in which trace; how many such lines their limiter
  // has kept back before, if any. Nothing of the image.
  void Failed(const grpc::ServerContextBase& call, const absl::Status& status) const;

 private:
  const std::string method_;
  RpcMetrics* const metrics_;
  LogLimiters& limiters_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_CALL_REPORTS_H_
