#include "server/http/reports.h"

#include <algorithm>
#include <array>
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

// As LevelOf an absl::StatusCode.
spdlog::level::level_enum LevelOf(int status) {
  switch (status) {
    case 408:
    case 413:
    case 429:
    case 503:
    case 504:
      return spdlog::level::warn;
    default:
      return status < 500 ? spdlog::level::info : spdlog::level::err;
  }
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
  if (report.status < 400) return;
  const spdlog::level::level_enum level = LevelOf(report.status);
  if (!IsLogged(level)) return;
  const auto now = std::chrono::steady_clock::now();
  const std::optional<uint64_t> kept_back = limiters_[level].Admit(now);
  if (!kept_back) return;

  nlohmann::ordered_json fields = {
      {"method", fmt::format("{} {}", KnownMethod(report.method), report.route)},
      {"status", report.status}};
  const auto body =
      nlohmann::ordered_json::parse(report.error, nullptr, /*allow_exceptions=*/false);
  if (body.is_object() && body.contains("error")) {
    const auto& error = body["error"];
    fields["code"] = error["code"];
    fields["reason"] = error["message"];
    if (error.contains("field")) fields["field"] = error["field"];
  }
  if (!report.cause.empty()) fields["cause"] = report.cause;
  fields["peer"] = report.peer;
  if (const std::optional<TraceParent> trace = ParseTraceParent(report.traceparent)) {
    fields["trace_id"] = trace->trace_id;
    fields["span_id"] = trace->span_id;
  }
  if (*kept_back > 0) fields["kept_back"] = *kept_back;
  Log(level, "call_failed", fields);
}

}  // namespace digits
