#include "client/formats.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace digits {
namespace {

// Keeps the fields' order, and prints a float with as many digits as a float has.
using Json = nlohmann::basic_json<nlohmann::ordered_map, std::vector, std::string, bool, int64_t,
                                  uint64_t, float>;

std::string CsvField(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

void WriteCsv(const Results& results, std::ostream& out) {
  const std::vector<std::string>& files = results.examples.files;
  const bool has_files =
      !results.examples.missing.empty() ||
      std::ranges::any_of(files, [](const std::string& file) { return !file.empty(); });
  fmt::print(out, "index,label,confidence{}\n", has_files ? ",file" : "");
  for (size_t i = 0; i < results.size(); ++i) {
    fmt::print(out, "{},{},{}", i, CsvField(results.label_name(i)), results.answers.confidences[i]);
    if (has_files) fmt::print(out, ",{}", CsvField(files[i]));
    out.put('\n');
  }
}

void WriteJsonLines(const Results& results, std::ostream& out) {
  const auto classes = static_cast<std::ptrdiff_t>(results.class_names.size());
  const Answers& answers = results.answers;
  for (size_t i = 0; i < results.size(); ++i) {
    Json line = {{"index", i}};
    if (!results.examples.files[i].empty()) line["file"] = results.examples.files[i];
    line["label"] = answers.labels[i];
    line["label_name"] = results.label_name(i);
    line["confidence"] = answers.confidences[i];
    if (!answers.digit_scores.empty()) line["digit_score"] = answers.digit_scores[i];
    if (const std::optional<bool> is_digit = results.is_digit(i)) line["is_digit"] = *is_digit;
    if (results.examples.truth[i]) line["truth"] = *results.examples.truth[i];
    if (!answers.probabilities.empty()) {
      const auto row = answers.probabilities.begin() + static_cast<std::ptrdiff_t>(i) * classes;
      line["probabilities"] = std::vector<float>(row, row + classes);
    }
    // File names need not be UTF-8, which JSON has to be.
    out << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  }
}

void WriteKaggle(const Results& results, std::ostream& out) {
  out << "ImageId,Label\n";
  for (size_t i = 0; i < results.size(); ++i) {
    fmt::print(out, "{},{}\n", i + 1, results.answers.labels[i]);
  }
}

}  // namespace digits
