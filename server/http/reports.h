// What operators learn of requests over HTTP: counts, and a line in the log for each that failed.
#ifndef DIGITS_SERVER_HTTP_REPORTS_H_
#define DIGITS_SERVER_HTTP_REPORTS_H_

#include <chrono>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/service/failure_log.h"
#include "server/service/metrics.h"

namespace digits {

// One request that has been answered.
struct HttpReport {
  std::string_view method;
  std::string_view route;  // Api::RouteOf its path
  int status = 0;
  std::chrono::nanoseconds time{0};       // from the request's first byte to the answer's last
  absl::Status error = absl::OkStatus();  // what was told, where the status is of one
  // Where there is an error: as in FailedRequest.
  std::string peer = {};
  std::string traceparent = {};
  std::string cause = {};
};

// May be used from any number of threads at once.
class HttpReports {
 public:
  // `metrics`: of Api::Routes(), outlive it; null: nothing is counted.
  explicit HttpReports(Metrics* metrics) : metrics_(metrics) {}

  void Add(const HttpReport& report);

 private:
  Metrics* const metrics_;
  FailureLog failures_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_HTTP_REPORTS_H_
