#include "trainer/robustness/stroke_width.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

namespace digits {
namespace {

constexpr size_t kFine = 4;      // points on a pixel's side
constexpr size_t kMaxReach = 8;  // points
constexpr size_t kSide = kFine * kImageSide;
constexpr size_t kFramedSide = kSide + 2 * kMaxReach;

// The points of the field within a frame of background.
using Grid = std::array<std::array<uint8_t, kFramedSide>, kFramedSide>;

// Where a point falls between two pixels, in eighths of their distance: points of a pixel lie at
// -3/8, -1/8, 1/8 and 3/8 from its middle.
struct Place {
  int first;   // the pixel before, -1 to 27
  int weight;  // of the pixel after, in eighths
};

Place PlaceOf(size_t point) {
  const int eighths = 2 * static_cast<int>(point) - 3;  // from the middle of pixel 0
  const int first = (eighths + 8) / 8 - 1;
  return {first, eighths - 8 * first};
}

int At(ImageView image, int x, int y) {
  if (x < 0 || y < 0 || x >= kImageSide || y >= kImageSide) return 0;
  return image[static_cast<size_t>(y * kImageSide + x)];
}

Grid Enlarged(ImageView image) {
  Grid grid = {};
  for (size_t i = 0; i < kSide; ++i) {
    const Place y = PlaceOf(i);
    for (size_t j = 0; j < kSide; ++j) {
      const Place x = PlaceOf(j);
      const int above =
          (8 - x.weight) * At(image, x.first, y.first) + x.weight * At(image, x.first + 1, y.first);
      const int below = (8 - x.weight) * At(image, x.first, y.first + 1) +
                        x.weight * At(image, x.first + 1, y.first + 1);
      grid[i + kMaxReach][j + kMaxReach] =
          static_cast<uint8_t>(((8 - y.weight) * above + y.weight * below + 32) / 64);
    }
  }
  return grid;
}

Image Averaged(const Grid& grid) {
  Image image;
  for (size_t y = 0; y < kImageSide; ++y) {
    for (size_t x = 0; x < kImageSide; ++x) {
      unsigned sum = 0;
      for (size_t i = 0; i < kFine; ++i) {
        for (size_t j = 0; j < kFine; ++j) {
          sum += grid[kMaxReach + y * kFine + i][kMaxReach + x * kFine + j];
        }
      }
      image[y * kImageSide + x] = static_cast<uint8_t>((sum + 8) / 16);
    }
  }
  return image;
}

// `better(a, b)` of all points within `reach`.
template <typename Better>
Image Morphed(ImageView image, int reach, Better better) {
  assert(reach >= 0 && reach <= static_cast<int>(kMaxReach));
  const Grid grid = Enlarged(image);
  Grid result = grid;
  for (int dy = -reach; dy <= reach; ++dy) {
    for (int dx = -reach; dx <= reach; ++dx) {
      if (dx * dx + dy * dy > reach * reach) continue;
      for (size_t i = kMaxReach; i < kMaxReach + kSide; ++i) {
        const uint8_t* const from =
            grid[i + static_cast<size_t>(dy)].data() + kMaxReach + static_cast<size_t>(dx);
        uint8_t* const to = result[i].data() + kMaxReach;
        for (size_t j = 0; j < kSide; ++j) to[j] = better(to[j], from[j]);
      }
    }
  }
  return Averaged(result);
}

}  // namespace

Image Thinned(ImageView image, int quarters) {
  return Morphed(image, quarters, [](uint8_t a, uint8_t b) { return std::min(a, b); });
}

Image Thickened(ImageView image, int quarters) {
  return Morphed(image, quarters, [](uint8_t a, uint8_t b) { return std::max(a, b); });
}

}  // namespace digits
