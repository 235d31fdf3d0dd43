#include "server/image/stroke_width.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>

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

Plane Thickened(const PlaneView& ink, int reach) {
  const int frame = std::max(0, reach);
  const int radius = std::abs(reach);
  Plane result(ink.width + 2 * frame, ink.height + 2 * frame);
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) {
      uint8_t value = At(ink, x - frame, y - frame);
      for (int dy = -radius; dy <= radius; ++dy) {
        const int across = static_cast<int>(std::sqrt(radius * radius - dy * dy));
        for (int dx = -across; dx <= across; ++dx) {
          const uint8_t other = At(ink, x - frame + dx, y - frame + dy);
          value = reach > 0 ? std::max(value, other) : std::min(value, other);
        }
      }
      result.Row(y)[x] = value;
    }
  }
  return result;
}

}  // namespace digits
