#include "server/http/reports.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "fmt/format.h"
#include "server/http/api.h"

namespace digits {
namespace {

RouteMetrics& MetricsOf(Metrics& metrics, std::string_view route) {
  const auto& routes = Api::Routes();
  const auto index = static_cast<size_t>(std::ranges::find(routes, route) - routes.begin());
  return index < routes.size() ? metrics.route(index) : metrics.unknown_route();
}

// A method may be anything that a client sends.
std::string_view KnownMethod(std::string_view method) {
  constexpr std::array<std::string_view, 9> kMethods = {
      "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  return std::ranges::find(kMethods, method) == kMethods.end() ? "other" : method;
}

}  // namespace

void HttpReports::Add(const HttpReport& report) {
  if (metrics_ != nullptr) MetricsOf(*metrics_, report.route).Answered(report.status, report.time);
  if (report.error.ok()) return;
  failures_.Add(report.error, [&report] {
    return FailedRequest{.method = fmt::format("{} {}", KnownMethod(report.method), report.route),
                         .peer = report.peer,
                         .traceparent = report.traceparent,
                         .cause = report.cause};
  });
}

}  // namespace digits
