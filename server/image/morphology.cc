#include "server/image/morphology.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace digits {
namespace {

constexpr auto kLeast = [](uint8_t a, uint8_t b) { return std::min(a, b); };
constexpr auto kGreatest = [](uint8_t a, uint8_t b) { return std::max(a, b); };

// Rows are taken whole, so that the compiler's vectors hold many pixels.
template <typename Pick>
void PickRow(const uint8_t* a, const uint8_t* b, int count, Pick pick, uint8_t* to) {
  for (int i = 0; i < count; ++i) to[i] = pick(a[i], b[i]);
}

// What `pick` takes of the pixels up to `reach` rows above and below each one. Three picks a pixel,
// whatever the reach (van Herk 1992, "A fast algorithm for local minimum and maximum filters on
// rectangular and octagonal kernels"): of blocks as high as a window, each window holds the end of
// one and the beginning of the next.
template <typename Pick>
Plane PickAlongColumns(const Plane& plane, int reach, Pick pick) {
  const int block = 2 * reach + 1;
  Plane from_begin = plane;  // of a row and those above it in its block
  for (int y = 1; y < plane.height; ++y) {
    if (y % block == 0) continue;
    PickRow(from_begin.Row(y), from_begin.Row(y - 1), plane.width, pick, from_begin.Row(y));
  }
  Plane to_end = plane;  // of a row and those below it in its block
  for (int y = plane.height - 2; y >= 0; --y) {
    if ((y + 1) % block == 0) continue;
    PickRow(to_end.Row(y), to_end.Row(y + 1), plane.width, pick, to_end.Row(y));
  }
  Plane picked(plane.width, plane.height);
  for (int y = 0; y < plane.height; ++y) {
    const int first = std::max(0, y - reach);
    const int last = std::min(plane.height - 1, y + reach);
    // Windows that are a block, or that the border cuts off, may lie within one.
    if (first == 0) {
      std::copy_n(from_begin.Row(last), plane.width, picked.Row(y));
    } else if (first / block == last / block) {
      std::copy_n(to_end.Row(first), plane.width, picked.Row(y));
    } else {
      PickRow(to_end.Row(first), from_begin.Row(last), plane.width, pick, picked.Row(y));
    }
  }
  return picked;
}

Plane Transposed(const Plane& plane) {
  Plane transposed(plane.height, plane.width);
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < plane.width; ++x) transposed.Row(x)[y] = plane.Row(y)[x];
  }
  return transposed;
}

}  // namespace

Plane Opened(const Plane& plane, int reach) {
  Plane opened = Transposed(PickAlongColumns(plane, reach, kLeast));
  opened = PickAlongColumns(opened, reach, kLeast);
  opened = PickAlongColumns(opened, reach, kGreatest);
  return PickAlongColumns(Transposed(opened), reach, kGreatest);
}

Plane Thickened(const PlaneView& ink, int reach) {
  const int frame = std::max(0, reach);
  const int radius = std::abs(reach);
  // So much background around the ink that the discs lie within.
  const int margin = frame + radius;
  Plane framed(ink.width + 2 * margin, ink.height + 2 * margin);
  for (int y = 0; y < ink.height; ++y) {
    std::copy_n(ink.Row(y), ink.width, framed.Row(margin + y) + margin);
  }
  Plane thickened(ink.width + 2 * frame, ink.height + 2 * frame);
  for (int y = 0; y < thickened.height; ++y) {
    uint8_t* const row = thickened.Row(y);
    std::copy_n(framed.Row(radius + y) + radius, thickened.width, row);
    for (int dy = -radius; dy <= radius; ++dy) {
      const uint8_t* const around = framed.Row(radius + y + dy) + radius;
      const int across = static_cast<int>(std::sqrt(radius * radius - dy * dy));
      for (int dx = -across; dx <= across; ++dx) {
        if (reach > 0) {
          PickRow(row, around + dx, thickened.width, kGreatest, row);
        } else {
          PickRow(row, around + dx, thickened.width, kLeast, row);
        }
      }
    }
  }
  return thickened;
}

}  // namespace digits
