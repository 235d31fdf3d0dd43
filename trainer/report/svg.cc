#include "trainer/report/svg.h"

#include <fmt/format.h>

namespace digits {

std::string Coordinate(double value) { return fmt::format("{:.2f}", value); }

Html Svg(double width, double height, std::string_view description, const Html& parts) {
  return Element("svg",
                 {{"viewBox", fmt::format("0 0 {} {}", width, height)},
                  {"role", "img"},
                  {"aria-label", std::string(description)}},
                 parts);
}

Html SvgLine(double x1, double y1, double x2, double y2, std::string_view style) {
  return Element("line",
                 {{"class", std::string(style)},
                  {"x1", Coordinate(x1)},
                  {"y1", Coordinate(y1)},
                  {"x2", Coordinate(x2)},
                  {"y2", Coordinate(y2)}},
                 Html());
}

Html SvgRectangle(double x, double y, double width, double height, std::string_view style) {
  return Element("rect",
                 {{"class", std::string(style)},
                  {"x", Coordinate(x)},
                  {"y", Coordinate(y)},
                  {"width", Coordinate(width)},
                  {"height", Coordinate(height)}},
                 Html());
}

Html SvgDot(double x, double y, std::string_view style) {
  return Element(
      "circle",
      {{"class", std::string(style)}, {"cx", Coordinate(x)}, {"cy", Coordinate(y)}, {"r", "2.5"}},
      Html());
}

Html SvgText(double x, double y, Anchor anchor, std::string_view text) {
  const char* const names[] = {"start", "middle", "end"};
  return Element("text",
                 {{"x", Coordinate(x)},
                  {"y", Coordinate(y)},
                  {"text-anchor", names[static_cast<int>(anchor)]}},
                 Html::Text(text));
}

}  // namespace digits
