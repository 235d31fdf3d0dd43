#include "trainer/data/confusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <string_view>

namespace digits {

void ConfusionMatrix::Add(size_t truth, size_t answer) {
  assert(truth < classes_ && answer < classes_);
  ++counts_[truth * classes_ + answer];
  ++total_;
  if (truth == answer) ++correct_;
}

double ConfusionMatrix::accuracy() const {
  return total_ == 0 ? 0.0 : static_cast<double>(correct_) / static_cast<double>(total_);
}

std::string ConfusionMatrix::ToTable(std::span<const std::string> class_names) const {
  assert(class_names.size() == classes_);
  constexpr std::string_view kCorner = "truth";
  size_t name_width = kCorner.size();
  size_t width = std::to_string(*std::ranges::max_element(counts_)).size();
  for (const std::string& name : class_names) {
    name_width = std::max(name_width, name.size());
    width = std::max(width, name.size());
  }

  std::string table = fmt::format("{:>{}}", kCorner, name_width);
  const auto out = std::back_inserter(table);
  for (const std::string& name : class_names) fmt::format_to(out, "  {:>{}}", name, width);
  fmt::format_to(out, "    right\n");
  for (size_t truth = 0; truth < classes_; ++truth) {
    fmt::format_to(out, "{:>{}}", class_names[truth], name_width);
    int64_t row_total = 0;
    for (size_t answer = 0; answer < classes_; ++answer) {
      const int64_t n = count(truth, answer);
      row_total += n;
      fmt::format_to(out, "  {:>{}}", n == 0 ? "." : std::to_string(n), width);
    }
    if (row_total > 0) {
      const double right =
          static_cast<double>(count(truth, truth)) / static_cast<double>(row_total);
      fmt::format_to(out, "  {:5.1f} %", 100.0 * right);
    }
    table += '\n';
  }
  return table;
}

}  // namespace digits
