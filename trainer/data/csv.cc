#include "trainer/data/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

namespace digits {
namespace {

constexpr size_t kMaxColumns = 1 + kImagePixels;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // as spreadsheets put before UTF-8

// Takes the next line off the text, without its end.
std::string_view TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Takes the next field off a line. After the last one the line is empty.
std::string_view TakeField(std::string_view& line) {
  const size_t end = line.find(',');
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return field;
}

std::string ColumnName(size_t column, bool labelled) {
  if (labelled && column == 0) return "label";
  return fmt::format("pixel{}", labelled ? column - 1 : column);
}

// A field as an error shows it: short, without control characters.
std::string Shown(std::string_view field) {
  constexpr size_t kMost = 20;
  const std::string text =
      absl::CEscape(absl::string_view(field.data(), std::min(field.size(), kMost)));
  return fmt::format("\"{}{}\"", text, field.size() > kMost ? "..." : "");
}

absl::Status CheckCount(std::string_view line, size_t columns) {
  if (line.empty()) return absl::InvalidArgumentError("is empty");
  const auto count = static_cast<size_t>(std::count(line.begin(), line.end(), ',')) + 1;
  if (count == columns) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("has {} columns, expected {}", count, columns));
}

// Whether the header has a column for labels.
absl::StatusOr<bool> ParseHeader(std::string_view line) {
  std::string_view rest = line;
  const std::string_view first = TakeField(rest);
  const bool labelled = first == "label";
  if (!labelled && first != "pixel0") {
    return absl::InvalidArgumentError(fmt::format(
        "column 1 is {}, where the header of a CSV data set begins with \"label\" or \"pixel0\"",
        Shown(first)));
  }
  const size_t columns = labelled ? kMaxColumns : kImagePixels;
  if (absl::Status status = CheckCount(line, columns); !status.ok()) return status;
  for (size_t column = 1; column < columns; ++column) {
    const std::string_view field = TakeField(rest);
    const std::string expected = ColumnName(column, labelled);
    if (field != expected) {
      return absl::InvalidArgumentError(fmt::format("column {} is {}, where the header has \"{}\"",
                                                    column + 1, Shown(field), expected));
    }
  }
  return labelled;
}

// Reads a line of exactly `values.size()` integers 0 to 255; false where it is anything else.
bool ParseRow(std::string_view line, std::span<uint8_t> values) {
  const char* next = line.data();
  const char* const end = next + line.size();
  for (size_t column = 0; column < values.size(); ++column) {
    if (column > 0 && (next == end || *next++ != ',')) return false;
    const std::from_chars_result result = std::from_chars(next, end, values[column]);
    if (result.ec != std::errc()) return false;
    next = result.ptr;
  }
  return next == end;
}

// Says what is wrong with a line that ParseRow refused.
absl::Status RowError(std::string_view line, bool labelled) {
  const size_t columns = labelled ? kMaxColumns : kImagePixels;
  if (absl::Status status = CheckCount(line, columns); !status.ok()) return status;
  for (size_t column = 0;; ++column) {
    const std::string_view field = TakeField(line);
    std::array<uint8_t, 1> value;
    if (column + 1 == columns || !ParseRow(field, value)) {
      return absl::InvalidArgumentError(
          fmt::format("column {} ({}) is {}, expected an integer from 0 to 255", column + 1,
                      ColumnName(column, labelled), Shown(field)));
    }
  }
}

absl::Status AtLine(std::string_view name, size_t line_number, const absl::Status& status) {
  return absl::InvalidArgumentError(
      fmt::format("{}, line {}: {}", name, line_number,
                  std::string_view(status.message().data(), status.message().size())));
}

}  // namespace

bool LooksLikeCsv(std::string_view bytes) {
  if (bytes.starts_with(kByteOrderMark)) return true;
  std::string_view start = bytes.substr(0, 64);
  start = TakeLine(start);
  return !start.empty() && std::all_of(start.begin(), start.end(), [](char c) {
    return absl::ascii_isprint(static_cast<unsigned char>(c)) || c == '\t';
  });
}

absl::StatusOr<DataSet> ParseCsv(std::string_view text, std::string_view name, int classes) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const absl::StatusOr<bool> labelled = ParseHeader(TakeLine(text));
  if (!labelled.ok()) return AtLine(name, 1, labelled.status());

  DataSet data;
  // A pixel takes at least a digit and a comma or the end of the line.
  data.pixels.reserve(text.size() / 2 + 1);
  std::array<uint8_t, kMaxColumns> values;
  const std::span<uint8_t> row(values.data(), *labelled ? kMaxColumns : kImagePixels);
  for (size_t line_number = 2; !text.empty(); ++line_number) {
    const std::string_view line = TakeLine(text);
    if (!ParseRow(line, row)) return AtLine(name, line_number, RowError(line, *labelled));
    if (*labelled) {
      if (row[0] >= classes) {
        return AtLine(
            name, line_number,
            absl::InvalidArgumentError(fmt::format(
                "column 1 (label) is {}, where labels are 0 to {}", row[0], classes - 1)));
      }
      data.labels.push_back(row[0]);
    }
    const std::span<uint8_t> image = row.last(kImagePixels);
    data.pixels.insert(data.pixels.end(), image.begin(), image.end());
  }
  return data;
}

}  // namespace digits
