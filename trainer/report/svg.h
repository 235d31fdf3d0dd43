// Parts of drawings.
#ifndef DIGITS_TRAINER_REPORT_SVG_H_
#define DIGITS_TRAINER_REPORT_SVG_H_

#include <string>
#include <string_view>

#include "trainer/report/html.h"

namespace digits {

// Coordinates are in units that are about a CSS pixel wide; x grows to the right, y downwards.
// Lines, rectangles and texts look as the class, one of the style sheet's, says.

// The drawing around its parts. `description` is read to those who do not see it.
Html Svg(double width, double height, std::string_view description, const Html& parts);

Html SvgLine(double x1, double y1, double x2, double y2, std::string_view style);
Html SvgRectangle(double x, double y, double width, double height, std::string_view style);
Html SvgDot(double x, double y, std::string_view style);

enum class Anchor { kStart, kMiddle, kEnd };
Html SvgText(double x, double y, Anchor anchor, std::string_view text);

// With two decimals.
std::string Coordinate(double value);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_SVG_H_
