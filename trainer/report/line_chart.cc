#include "trainer/report/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "trainer/report/axis.h"
#include "trainer/report/svg.h"

namespace digits {
namespace {

constexpr double kWidth = 440;
constexpr double kHeight = 270;
constexpr double kLeft = 48;
constexpr double kRight = 16;
constexpr double kTop = 12;
constexpr double kBottom = 44;
constexpr size_t kMostDots = 40;  // on a line

struct Axes {
  Axis x;
  Axis y;

  double X(double value) const { return kLeft + x.Place(value) * (kWidth - kLeft - kRight); }
  double Y(double value) const {
    return kHeight - kBottom - y.Place(value) * (kHeight - kTop - kBottom);
  }
};

Axes AxesOf(const LineChart& chart) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Point low = {kInfinity, kInfinity};
  Point high = {-kInfinity, -kInfinity};
  for (const Line& line : chart.lines) {
    for (const auto& [x, y] : line.points) {
      low = {std::min(low.x, x), std::min(low.y, y)};
      high = {std::max(high.x, x), std::max(high.y, y)};
    }
  }
  Axes axes = {MakeAxis(low.x, high.x, 6, /*whole=*/true), MakeAxis(low.y, high.y, 5)};
  // Epochs need no room before the first one and after the last one.
  axes.x.ticks.front() = std::min(low.x, axes.x.ticks[1]);
  return axes;
}

Html Grid(const Axes& axes, const std::string& x_title) {
  Html grid;
  for (const double tick : axes.y.ticks) {
    const double y = axes.Y(tick);
    grid += SvgLine(kLeft, y, kWidth - kRight, y, "grid");
    grid += SvgText(kLeft - 8, y + 4, Anchor::kEnd, axes.y.Label(tick));
  }
  for (const double tick : axes.x.ticks) {
    grid += SvgText(axes.X(tick), kHeight - kBottom + 18, Anchor::kMiddle, axes.x.Label(tick));
  }
  const double middle = (kLeft + kWidth - kRight) / 2;
  return grid + SvgText(middle, kHeight - 6, Anchor::kMiddle, x_title);
}

Html Curve(const Line& line, const Axes& axes, const std::string& style) {
  std::string points;
  Html dots;
  for (const auto& [x, y] : line.points) {
    if (!points.empty()) points += ' ';
    points += Coordinate(axes.X(x)) + "," + Coordinate(axes.Y(y));
    if (line.points.size() <= kMostDots) dots += SvgDot(axes.X(x), axes.Y(y), style);
  }
  return Element("polyline", {{"class", style}, {"points", points}}, Html()) + dots;
}

}  // namespace

Html Draw(const LineChart& chart) {
  const Axes axes = AxesOf(chart);
  Html parts = Grid(axes, chart.x_title);
  Html legend = Element("strong", chart.title);
  for (const Line& line : chart.lines) {
    const std::string style = line.style == LineStyle::kSolid ? "solid" : "dashed";
    parts += Curve(line, axes, style);
    legend += Element("span", {{"class", "key " + style}}, Html::Text(line.name));
  }
  return Element("figure", {{"class", "chart"}},
                 Element("figcaption", legend) + Svg(kWidth, kHeight, chart.description, parts));
}

}  // namespace digits
