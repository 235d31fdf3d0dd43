#include "server/image/stroke_width.h"

#include <cmath>
#include <cstdint>

namespace digits {
namespace {

uint8_t At(const PlaneView& ink, int x, int y) {
  if (x < 0 || y < 0 || x >= ink.width || y >= ink.height) return 0;
  return ink.Row(y)[x];
}

}  // namespace

double StrokeWidth(const PlaneView& ink) {
  // The outline's length is the sum of the slopes across it, however soft it is.
  double area = 0;
  double outline = 0;
  for (int y = -1; y < ink.height; ++y) {
    for (int x = -1; x < ink.width; ++x) {
      const double here = At(ink, x, y);
      const double right = At(ink, x + 1, y);
      const double below = At(ink, x, y + 1);
      const double diagonal = At(ink, x + 1, y + 1);
      const double across = (right + diagonal - here - below) / 2;
      const double down = (below + diagonal - here - right) / 2;
      area += here;
      outline += std::sqrt(across * across + down * down);
    }
  }
  return outline == 0 ? 0 : 2 * area / outline;
}

}  // namespace digits
