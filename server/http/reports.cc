#include "server/http/reports.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "server/http/api.h"
#include "server/service/log.h"
#include "server/service/traceparent.h"

namespace digits {
namespace {

RouteMetrics& MetricsOf(Metrics& metrics, std::string_view route) {
  const auto& routes = Api::Routes();
  const auto index = static_cast<size_t>(std::ranges::find(routes, route) - routes.begin());
  return index < routes.size() ? metrics.route(index) : metrics.unknown_route();
}

}  // namespace

void HttpReports::Add(const HttpReport& report) {
  if (metrics_ != nullptr) MetricsOf(*metrics_, report.route).Answered(report.status, report.time);
  if (report.status < 400) return;
  const auto level = report.status < 500 ? spdlog::level::info : spdlog::level::warn;
  if (!IsLogged(level)) return;
  const std::optional<uint64_t> kept_back = limiter_.Admit(std::chrono::steady_clock::now());
  if (!kept_back) return;

  nlohmann::ordered_json fields = {{"method", fmt::format("{} {}", report.method, report.route)},
                                   {"status", report.status}};
  const auto body =
      nlohmann::ordered_json::parse(report.error, nullptr, /*allow_exceptions=*/false);
  if (body.is_object() && body.contains("error")) {
    const auto& error = body["error"];
    fields["code"] = error["code"];
    fields["reason"] = error["message"];
    if (error.contains("field")) fields["field"] = error["field"];
  }
  fields["peer"] = report.peer;
  if (const std::optional<TraceParent> trace = ParseTraceParent(report.traceparent)) {
    fields["trace_id"] = trace->trace_id;
    fields["span_id"] = trace->span_id;
  }
  if (*kept_back > 0) fields["kept_back"] = *kept_back;
  Log(level, "call_failed", fields);
}

}  // namespace digits
