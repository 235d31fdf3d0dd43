#include "trainer/robustness/report.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

namespace digits {
namespace {

constexpr size_t kSeverities = 3;  // columns
constexpr size_t kColumnWidth = 16;

// The scores of one kind, beginning with the first.
std::span<const PerturbationScore> SameKind(std::span<const PerturbationScore> scores) {
  size_t count = 1;
  while (count < scores.size() && scores[count].perturbation.kind == scores[0].perturbation.kind) {
    ++count;
  }
  return scores.first(count);
}

std::string Row(std::span<const PerturbationScore> scores) {
  const PerturbationKind kind = scores[0].perturbation.kind;
  std::string row = fmt::format("{:<11}", PerturbationName(kind));
  double sum = 0;
  double calibration_sum = 0;
  for (const auto& [perturbation, error, calibration_error] : scores) {
    sum += error;
    calibration_sum += calibration_error;
    const std::string severity =
        scores.size() > 1 ? fmt::format("{}:", perturbation.severity) : std::string();
    row += fmt::format("{:>{}} {:6.2f}", severity, kColumnWidth - 7, 100 * error);
  }
  row.append((kSeverities - scores.size()) * kColumnWidth, ' ');
  const auto count = static_cast<double>(scores.size());
  row += fmt::format("{:9.2f}{:9.4f}", 100 * sum / count, calibration_sum / count);
  const std::string_view unit = SeverityUnit(kind);
  return row + (unit.empty() ? "\n" : fmt::format("  {}\n", unit));
}

}  // namespace

std::string RobustnessTable(const Robustness& robustness) {
  std::string table =
      fmt::format("images     {}\n\n{:<11}{:>{}}{:>9}{:>9}\n", robustness.images, "error %",
                  "severity: error", kSeverities * kColumnWidth, "mean", "ECE");
  const std::string blank(kSeverities * kColumnWidth, ' ');
  table += fmt::format("{:<11}{}{:9.2f}{:9.4f}\n", "as they are", blank,
                       100 * robustness.clean_error, robustness.clean_calibration_error);
  std::span<const PerturbationScore> rest = robustness.scores;
  while (!rest.empty()) {
    const std::span<const PerturbationScore> kind = SameKind(rest);
    table += Row(kind);
    rest = rest.subspan(kind.size());
  }
  table += fmt::format("{:<11}{}{:9.2f}{:9.4f}  of {} perturbations\n", "mean", blank,
                       100 * robustness.mean_error(), robustness.mean_calibration_error(),
                       robustness.scores.size());
  return table;
}

std::string RobustnessJson(const Robustness& robustness, std::string_view data_name,
                           std::span<const std::string> weights_sha256,
                           std::string_view precision) {
  nlohmann::ordered_json rows = nlohmann::json::array();
  for (const auto& [perturbation, error, calibration_error] : robustness.scores) {
    rows.push_back({{"kind", PerturbationName(perturbation.kind)},
                    {"severity", perturbation.severity},
                    {"unit", SeverityUnit(perturbation.kind)},
                    {"error", error},
                    {"expected_calibration_error", calibration_error}});
  }
  nlohmann::json hashes = std::vector(weights_sha256.begin(), weights_sha256.end());
  if (weights_sha256.size() == 1) hashes = weights_sha256.front();
  const nlohmann::ordered_json json = {
      {"data", data_name},
      {"weights_sha256", hashes},
      {"precision", precision},
      {"images", robustness.images},
      {"clean_error", robustness.clean_error},
      {"mean_error", robustness.mean_error()},
      {"clean_expected_calibration_error", robustness.clean_calibration_error},
      {"mean_expected_calibration_error", robustness.mean_calibration_error()},
      {"perturbations", rows}};
  // A path need not be UTF-8.
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace digits
