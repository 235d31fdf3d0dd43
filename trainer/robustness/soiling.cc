#include "trainer/robustness/soiling.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace digits {
namespace {

uint8_t ToPixel(double value) {
  return static_cast<uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

Image Copy(ImageView image) {
  Image copy;
  std::copy(image.begin(), image.end(), copy.begin());
  return copy;
}

size_t Index(int x, int y) { return static_cast<size_t>(y * kImageSide + x); }

}  // namespace

Image WithNoise(ImageView image, double deviation, SplitMix& random) {
  Image result;
  std::transform(image.begin(), image.end(), result.begin(),
                 [&](uint8_t value) { return ToPixel(value + deviation * random.Normal()); });
  return result;
}

Image Blurred(ImageView image, int passes) {
  assert(passes >= 0 && passes <= 5);
  // Each pass multiplies by 16: 255 x 16^5 fits.
  std::array<uint32_t, kImagePixels> sums;
  std::array<uint32_t, kImagePixels> next;
  std::copy(image.begin(), image.end(), sums.begin());
  for (int pass = 0; pass < passes; ++pass) {
    for (const bool rows : {true, false}) {
      for (int y = 0; y < kImageSide; ++y) {
        for (int x = 0; x < kImageSide; ++x) {
          const int along = rows ? x : y;
          const size_t step = rows ? 1 : kImageSide;
          const size_t i = Index(x, y);
          const uint32_t before = along > 0 ? sums[i - step] : 0;
          const uint32_t after = along < kImageSide - 1 ? sums[i + step] : 0;
          next[i] = before + 2 * sums[i] + after;
        }
      }
      sums = next;
    }
  }
  const uint32_t whole = uint32_t{1} << (4 * passes);
  Image result;
  std::transform(sums.begin(), sums.end(), result.begin(),
                 [whole](uint32_t sum) { return static_cast<uint8_t>((sum + whole / 2) / whole); });
  return result;
}

Image WithContrast(ImageView image, double factor) {
  const double mean = std::accumulate(image.begin(), image.end(), 0) / double{kImagePixels};
  Image result;
  std::transform(image.begin(), image.end(), result.begin(),
                 [&](uint8_t value) { return ToPixel(mean + factor * (value - mean)); });
  return result;
}

Image Inverted(ImageView image) {
  Image result;
  std::transform(image.begin(), image.end(), result.begin(),
                 [](uint8_t value) { return static_cast<uint8_t>(255 - value); });
  return result;
}

Image Occluded(ImageView image, int side, int x, int y) {
  Image result = Copy(image);
  for (int row = std::max(y, 0); row < std::min(y + side, kImageSide); ++row) {
    for (int column = std::max(x, 0); column < std::min(x + side, kImageSide); ++column) {
      result[Index(column, row)] = 0;
    }
  }
  return result;
}

Image WithLine(ImageView image, double x, double y, double dx, double dy) {
  const double length = std::sqrt(dx * dx + dy * dy);
  assert(length > 0);
  Image result = Copy(image);
  for (int row = 0; row < kImageSide; ++row) {
    for (int column = 0; column < kImageSide; ++column) {
      const double distance = std::abs((column - x) * dy - (row - y) * dx) / length;
      uint8_t& pixel = result[Index(column, row)];
      pixel = std::max(pixel, ToPixel(255 * (1 - distance)));
    }
  }
  return result;
}

}  // namespace digits
