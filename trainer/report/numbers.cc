#include "trainer/report/numbers.h"

#include <fmt/format.h>

namespace digits {

std::string Count(int64_t number) {
  std::string text = fmt::format("{}", number);
  const int64_t first_digit = number < 0 ? 1 : 0;
  for (auto i = static_cast<int64_t>(text.size()) - 3; i > first_digit; i -= 3) {
    text.insert(static_cast<size_t>(i), 1, ',');
  }
  return text;
}

std::string Percent(double part) { return fmt::format("{:.2f}\u00a0%", 100 * part); }

}  // namespace digits
