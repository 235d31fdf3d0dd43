// What is counted of HTTP requests.
#ifndef DIGITS_SERVER_SERVICE_ROUTE_METRICS_H_
#define DIGITS_SERVER_SERVICE_ROUTE_METRICS_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "server/service/counters.h"
#include "server/service/histogram.h"

namespace digits {

// The status codes that are told apart. Any other one counts as 400 or 500 where it is of a
// client's or the server's error, otherwise as 200.
inline constexpr std::array<int, 14> kHttpCodes = {200, 400, 403, 404, 405, 408, 411,
                                                   413, 414, 415, 416, 429, 500, 503};

// Of the requests to one route. May be used from any number of threads at once.
class RouteMetrics {
 public:
  // `threads`: as for Counters.
  RouteMetrics(std::string route, size_t threads)
      : route_(std::move(route)),
        counters_(kHttpCodes.size(), threads),
        seconds_(kSecondsFrom10us, threads) {}

  // `code`: of the answer's status. `time`: since the request came.
  void Answered(int code, std::chrono::nanoseconds time) {
    counters_.Add(IndexOf(code));
    seconds_.Record(time);
  }

  const std::string& route() const { return route_; }
  // `index`: in kHttpCodes.
  uint64_t answered(size_t index) const { return counters_.Total(index); }
  const Histogram& seconds() const { return seconds_; }

 private:
  static size_t IndexOf(int code) {
    const auto find = [](int listed) {
      return static_cast<size_t>(std::ranges::find(kHttpCodes, listed) - kHttpCodes.begin());
    };
    const size_t index = find(code);
    if (index < kHttpCodes.size()) return index;
    return find(code >= 500 ? 500 : code >= 400 ? 400 : 200);
  }

  std::string route_;
  Counters counters_;  // by kHttpCodes
  Histogram seconds_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_ROUTE_METRICS_H_
