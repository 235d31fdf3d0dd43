#include "trainer/report/history_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/numbers.h"
#include "server/files/file.h"
#include "server/model/errors.h"

namespace digits {
namespace {

constexpr size_t kMaxHistoryBytes = size_t{64} << 20;

// What no fit reaches. Far beyond it, the arithmetic of a chart's axis would overflow.
constexpr double kMaxFigure = 1e100;

// Without line ends of either kind.
std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string_view> Cells(std::string_view line) {
  std::vector<std::string_view> cells;
  for (size_t comma = line.find(','); comma != std::string_view::npos; comma = line.find(',')) {
    cells.push_back(line.substr(0, comma));
    line.remove_prefix(comma + 1);
  }
  cells.push_back(line);
  return cells;
}

// A column's place, or none.
using Column = std::optional<size_t>;

struct Columns {
  size_t count;
  Column epoch, seconds, loss, accuracy, val_loss, val_accuracy;
};

Columns FindColumns(std::string_view header) {
  const std::vector<std::string_view> names = Cells(header);
  const auto find = [&names](std::string_view name) -> Column {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<size_t>(found - names.begin());
  };
  return {names.size(),     find("epoch"),    find("seconds"),     find("loss"),
          find("accuracy"), find("val_loss"), find("val_accuracy")};
}

// Reads rows of one file.
class RowReader {
 public:
  RowReader(const Columns& columns, std::string_view name) : columns_(columns), name_(name) {}

  absl::StatusOr<EpochRecord> Read(std::string_view row, size_t line) const {
    const std::vector<std::string_view> cells = Cells(row);
    if (cells.size() != columns_.count) {
      return Invalid("{}: line {} has {} cells where the header has {}", name_, line, cells.size(),
                     columns_.count);
    }
    EpochRecord record;
    double epoch = 0;
    absl::Status status = Set(cells, columns_.epoch, line, kMaxFigure, epoch);
    if (status.ok()) status = Set(cells, columns_.seconds, line, kMaxFigure, record.seconds);
    if (status.ok()) status = Set(cells, columns_.loss, line, kMaxFigure, record.train.loss);
    if (status.ok()) status = Set(cells, columns_.accuracy, line, 1, record.train.accuracy);
    if (IsValidated(cells)) {
      Measures& measures = record.validation.emplace();
      if (status.ok()) status = Set(cells, columns_.val_loss, line, kMaxFigure, measures.loss);
      if (status.ok()) status = Set(cells, columns_.val_accuracy, line, 1, measures.accuracy);
    }
    if (!status.ok()) return status;
    if (epoch < 1 || epoch > 1e9 || epoch != std::floor(epoch)) {
      return Invalid("{}: line {}: '{}' is no number of an epoch", name_, line,
                     cells[*columns_.epoch]);
    }
    record.epoch = static_cast<int>(epoch);
    return record;
  }

 private:
  // Other programs write nan or inf where the answers to the validation images were no numbers.
  bool IsValidated(const std::vector<std::string_view>& cells) const {
    for (const Column& column : {columns_.val_loss, columns_.val_accuracy}) {
      if (!column || cells[*column].empty()) return false;
      double value = 0;
      if (absl::SimpleAtod(std::string(cells[*column]), &value) && !std::isfinite(value)) {
        return false;
      }
    }
    return true;
  }

  // From 0 to `most`. Leaves `value` alone where there is no such column.
  absl::Status Set(const std::vector<std::string_view>& cells, const Column& column, size_t line,
                   double most, double& value) const {
    if (!column) return absl::OkStatus();
    const std::string cell(cells[*column]);
    if (!absl::SimpleAtod(cell, &value) || !(value >= 0 && value <= most)) {
      return Invalid("{}: line {}: '{}' is not a number from 0 to {}", name_, line, cell, most);
    }
    return absl::OkStatus();
  }

  const Columns columns_;
  const std::string_view name_;
};

}  // namespace

absl::StatusOr<std::vector<EpochRecord>> ParseHistoryCsv(std::string_view csv,
                                                         std::string_view name) {
  const std::vector<std::string_view> lines = Lines(csv);
  const Columns columns = FindColumns(lines.empty() ? std::string_view() : lines.front());
  if (!columns.epoch || !columns.loss || !columns.accuracy) {
    return Invalid(
        "{}: is no history of a fit: its first line does not name epoch, loss and "
        "accuracy",
        name);
  }
  const RowReader reader(columns, name);
  std::vector<EpochRecord> history;
  for (size_t i = 1; i < lines.size(); ++i) {
    absl::StatusOr<EpochRecord> record = reader.Read(lines[i], i + 1);
    if (!record.ok()) return record.status();
    if (!history.empty() && record->epoch <= history.back().epoch) {
      return Invalid("{}: line {}: epoch {} follows epoch {}", name, i + 1, record->epoch,
                     history.back().epoch);
    }
    history.push_back(*record);
  }
  return history;
}

absl::StatusOr<std::vector<EpochRecord>> ReadHistory(const std::string& path) {
  const absl::StatusOr<std::string> csv = ReadFile(path, kMaxHistoryBytes);
  if (!csv.ok()) return csv.status();
  return ParseHistoryCsv(*csv, path);
}

}  // namespace digits
