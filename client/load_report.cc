#include "client/load_report.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace digits {
namespace {

using Duration = LatencyHistogram::Duration;

constexpr std::array<std::pair<std::string_view, double>, 4> kQuantiles = {
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}}};
constexpr size_t kBarWidth = 40;
constexpr double kRowsAPowerOfTen = 5;

std::string CodeName(grpc::StatusCode code) {
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
}

double Microseconds(Duration duration) { return static_cast<double>(duration.count()) / 1e3; }

// Three digits that matter: 87.3 us, 1.24 ms, 2.5 s.
std::string Text(Duration duration) {
  const auto nanoseconds = static_cast<double>(duration.count());
  if (nanoseconds < 1e6) return fmt::format("{:.3g} us", nanoseconds / 1e3);
  if (nanoseconds < 1e9) return fmt::format("{:.3g} ms", nanoseconds / 1e6);
  return fmt::format("{:.3g} s", nanoseconds / 1e9);
}

std::string Quantiles(const LatencyHistogram& latencies) {
  std::string line;
  for (const auto& [name, share] : kQuantiles) {
    line += fmt::format("{} {}, ", name, Text(latencies.Quantile(share)));
  }
  return line + "max " + Text(latencies.max());
}

// A row for each fifth of a power of ten that holds any, with what is above the one before.
void WriteHistogram(const LatencyHistogram& latencies, std::ostream& out) {
  struct Row {
    Duration end;
    uint64_t count;
  };
  std::vector<Row> rows;
  uint64_t before = 0;
  for (int step = 0; before < latencies.count(); ++step) {
    const Duration end(std::llround(1000 * std::pow(10, step / kRowsAPowerOfTen)));
    const uint64_t count = latencies.CountUpTo(end);
    if (count > before) rows.push_back({end, count - before});
    before = count;
  }
  uint64_t most = 1;
  for (const Row& row : rows) most = std::max(most, row.count);
  for (const Row& row : rows) {
    const size_t width = (kBarWidth * row.count + most - 1) / most;
    fmt::print(out, "  to {:>8} {:<{}} {}\n", Text(row.end), std::string(width, '#'), kBarWidth,
               row.count);
  }
}

nlohmann::ordered_json ToJson(const LatencyHistogram& latencies) {
  nlohmann::ordered_json json = {{"count", latencies.count()},
                                 {"mean", Microseconds(latencies.mean())}};
  for (const auto& [name, share] : kQuantiles) {
    json[std::string(name)] = Microseconds(latencies.Quantile(share));
  }
  json["max"] = Microseconds(latencies.max());
  return json;
}

double CallsPerSecond(const LoadResult& result) {
  return static_cast<double>(result.answered_in_time) / result.duration.count();
}

std::string_view Name(LoadKind kind) {
  switch (kind) {
    case LoadKind::kUnary:
      return "unary";
    case LoadKind::kBatch:
      return "batch";
    case LoadKind::kStream:
      return "stream";
  }
  return "";
}

}  // namespace

void WriteLoadTable(const LoadOptions& options, const LoadResult& result, std::ostream& out) {
  const double calls = CallsPerSecond(result);
  fmt::print(out, "{} x {} {}{} for {:g} s", options.connections, options.in_flight,
             Name(options.kind),
             options.rate ? fmt::format(" at {:g}/s", *options.rate) : std::string(),
             result.duration.count());
  fmt::print(out, ": {:.0f} calls/s", calls);
  if (result.images_a_call > 1) {
    fmt::print(out, ", {:.0f} images/s", calls * static_cast<double>(result.images_a_call));
  }
  out << '\n';
  if (result.answered.count() > 0) {
    fmt::print(out, "{}\n", Quantiles(result.answered));
    WriteHistogram(result.answered, out);
  }
  for (const auto& [code, count] : result.codes) {
    if (code != grpc::StatusCode::OK) fmt::print(out, "{} calls: {}\n", count, CodeName(code));
  }
  if (result.failed.count() > 0) fmt::print(out, "failed: {}\n", Quantiles(result.failed));
}

void WriteLoadJson(const LoadOptions& options, const LoadResult& result, std::ostream& out) {
  const double calls = CallsPerSecond(result);
  nlohmann::ordered_json json = {{"call", Name(options.kind)},
                                 {"connections", options.connections},
                                 {"in_flight", options.in_flight},
                                 {"threads", options.threads}};
  if (options.rate) json["rate"] = *options.rate;
  json["seconds"] = result.duration.count();
  json["images_a_call"] = result.images_a_call;
  json["calls_per_second"] = calls;
  json["images_per_second"] = calls * static_cast<double>(result.images_a_call);
  json["codes"] = nlohmann::ordered_json::object();
  for (const auto& [code, count] : result.codes) json["codes"][CodeName(code)] = count;
  json["latency_us"] = ToJson(result.answered);
  json["failed_latency_us"] = ToJson(result.failed);
  out << json.dump() << '\n';
}

}  // namespace digits
