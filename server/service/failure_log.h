// A line in the log for each request that failed, however it came.
#ifndef DIGITS_SERVER_SERVICE_FAILURE_LOG_H_
#define DIGITS_SERVER_SERVICE_FAILURE_LOG_H_

#include <array>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "server/service/log_limiter.h"
#include "spdlog/common.h"

namespace digits {

struct FailedRequest {
  std::string method;       // "digits.v1.DigitClassifier/Classify"
  std::string peer;         // "ipv4:127.0.0.1:40000"
  std::string traceparent;  // the header; empty where there is none
  std::string cause{};      // of a failure of the server's, which no client is told
};

// May be used from any number of threads at once.
class FailureLog {
 public:
  // Logs the method, the code's name, why, the field at fault, who asked, and, where the
  // traceparent is one, in which trace; and how many such lines the limiter of this level has kept
  // back before, if any. What the server is to blame for is an error, what more of the server would
  // prevent is a warning, and the rest are the clients' own. `describe` is asked only where a line
  // is written.
  void Add(const absl::Status& error, absl::FunctionRef<FailedRequest()> describe);

 private:
  // One a level, so that a flood of clients' mistakes hides no failure of the server's.
  std::array<LogLimiter, spdlog::level::n_levels> limiters_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_FAILURE_LOG_H_
