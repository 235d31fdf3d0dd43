#include "trainer/report/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace digits {

double Axis::Place(double value) const {
  return (value - ticks.front()) / (ticks.back() - ticks.front());
}

std::string Axis::Label(double tick) const {
  if (std::abs(ticks.back()) >= 1e6) return fmt::format("{:g}", tick);
  return fmt::format("{:.{}f}", tick, decimals);
}

Axis MakeAxis(double low, double high, int steps, bool whole) {
  // Values so close that a double hardly tells them apart make no axis of their own.
  const double least = std::max(1e-9, 1e-9 * std::max(std::abs(low), std::abs(high)));
  double rough = std::max((high - low) / steps, least);
  if (whole) rough = std::max(rough, 1.0);
  int exponent = static_cast<int>(std::floor(std::log10(rough)));
  const double mantissa = rough / std::pow(10.0, exponent);
  int factor = 1;
  if (mantissa > 1.000001) factor = 2;
  if (mantissa > 2.000001) factor = 5;
  if (mantissa > 5.000001) {
    factor = 1;
    ++exponent;
  }
  const double step = factor * std::pow(10.0, exponent);
  Axis axis;
  axis.decimals = std::max(0, -exponent);
  const double slack = 1e-6;
  const double first = std::floor(low / step + slack);
  const double last = std::max(std::ceil(high / step - slack), first + 1);
  for (double i = first; i <= last; ++i) axis.ticks.push_back(i * step);
  return axis;
}

}  // namespace digits
