// What operators learn of requests over HTTP: counts, and a line in the log for each that failed.
#ifndef DIGITS_SERVER_HTTP_REPORTS_H_
#define DIGITS_SERVER_HTTP_REPORTS_H_

#include <chrono>
#include <string>
#include <string_view>

#include "server/service/call_reports.h"
#include "server/service/metrics.h"

namespace digits {

// One request that has been answered.
struct HttpReport {
  std::string_view method;
  std::string_view route;  // Api::RouteOf its path
  int status = 0;
  std::chrono::nanoseconds time{0};  // from the request's first byte to the answer's last
  // Where the status is of an error: the answer's body, as ErrorAnswer makes it; who asked; and
  // the header, empty where there is none.
  std::string_view error = {};
  std::string cause = {};  // of a failure of the server's, which no client is told
  std::string peer = {};
  std::string traceparent = {};
};

// May be used from any number of threads at once.
class HttpReports {
 public:
  // `metrics`: of Api::Routes(), outlive it; null: nothing is counted.
  explicit HttpReports(Metrics* metrics) : metrics_(metrics) {}

  // Failures are logged as CallReports logs those of calls.
  void Add(const HttpReport& report);

 private:
  Metrics* const metrics_;
  LogLimiters limiters_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_HTTP_REPORTS_H_
