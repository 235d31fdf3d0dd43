#include "client/table.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <array>
#include <vector>

#include "client/printable.h"

namespace digits {
namespace {

// Image, label, confidence, truth, mark.
using Row = std::array<std::string, 5>;

std::string Mark(const Results& results, size_t i) {
  const std::optional<size_t>& truth = results.examples.truth[i];
  const bool wrong = truth && *truth != results.answers.labels[i];
  const bool unlike_any_class = !results.is_digit(i).value_or(true);
  if (wrong && unlike_any_class) return "wrong, unlike any class";
  if (wrong) return "wrong";
  return unlike_any_class ? "unlike any class" : "";
}

Row RowOf(const Results& results, size_t i) {
  const std::string& file = results.examples.files[i];
  const std::optional<size_t>& truth = results.examples.truth[i];
  return {file.empty() ? std::to_string(i) : Printable(file), Printable(results.label_name(i)),
          fmt::format("{:.1f} %", 100 * results.answers.confidences[i]),
          truth ? Printable(results.class_names[*truth]) : "", Mark(results, i)};
}

// Characters, which in UTF-8 are the bytes that continue no other.
size_t Width(const std::string& text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string Line(const Row& row, const std::array<size_t, 5>& widths) {
  std::string line;
  for (size_t column = 0; column < row.size(); ++column) {
    const std::string padding(widths[column] - Width(row[column]), ' ');
    const bool to_the_right = column == 2;
    line += to_the_right ? padding + row[column] : row[column] + padding;
    line += "  ";
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

}  // namespace

void WriteTable(const Results& results, const TableOptions& options, std::ostream& out) {
  const size_t n = options.rows == 0 ? results.size() : std::min(options.rows, results.size());
  const std::optional<ConfusionMatrix> confusion = Confusion(results);
  std::vector<Row> rows = {{"image", "label", "confidence", confusion ? "truth" : "", ""}};
  for (size_t i = 0; i < n; ++i) rows.push_back(RowOf(results, i));
  std::array<size_t, 5> widths{};
  for (const Row& row : rows) {
    for (size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], Width(row[column]));
    }
  }

  out << Line(rows[0], widths);
  for (size_t i = 0; i < n; ++i) {
    if (options.pictures) out << DrawPicture(results.examples.image(i), *options.pictures);
    out << Line(rows[i + 1], widths);
  }
  if (n < results.size()) {
    fmt::print(out, "... and {} more; --rows 0 shows all\n", results.size() - n);
  }
  if (confusion) {
    std::vector<std::string> names;
    for (const std::string& name : results.class_names) names.push_back(Printable(name));
    fmt::print(out, "\n{}\n\n{}", AccuracyText(*confusion), confusion->ToTable(names));
  }
}

std::string AccuracyText(const ConfusionMatrix& confusion) {
  return fmt::format("accuracy {:.2f} % ({} of {})", 100 * confusion.accuracy(),
                     confusion.correct(), confusion.total());
}

}  // namespace digits
