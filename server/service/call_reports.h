// What operators learn of calls: counts, and a line in the log for each that failed.
#ifndef DIGITS_SERVER_SERVICE_CALL_REPORTS_H_
#define DIGITS_SERVER_SERVICE_CALL_REPORTS_H_

#include <chrono>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "grpcpp/server_context.h"
#include "server/service/failure_log.h"
#include "server/service/rpc_metrics.h"

namespace digits {

// Of the calls of one method. May be used from any number of threads at once.
class CallReports {
 public:
  using Clock = std::chrono::steady_clock;

  // `method`: "digits.v1.DigitClassifier/Classify". `metrics`: null where nothing is counted. Both
  // `metrics` and `failures` outlive it.
  CallReports(std::string method, RpcMetrics* metrics, FailureLog& failures)
      : method_(std::move(method)), metrics_(metrics), failures_(failures) {}

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

  // Logs that the call, or a message of it, failed.
  void Failed(const grpc::ServerContextBase& call, const absl::Status& error) const;

 private:
  const std::string method_;
  RpcMetrics* const metrics_;
  FailureLog& failures_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_CALL_REPORTS_H_
