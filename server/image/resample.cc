#include "server/image/resample.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace digits {
namespace {

// What one target pixel averages along one axis: source pixels from `first` on.
struct Window {
  int first = 0;
  std::vector<uint64_t> weights;
};

// One axis of the resampling from `source` to `target` pixels. A target pixel averages a window
// around its own place: as wide as itself when shrinking, so that it averages just the area it
// covers, and one source pixel wide when enlarging, which is linear interpolation. Lengths are in
// units of 1 / (2 target) source pixels, where all are whole.
struct Axis {
  Axis(int source, int target) : window(2 * std::max<int64_t>(source, target)) {
    const int64_t pixel = int64_t{2} * target;
    for (int t = 0; t < target; ++t) {
      // At the border a part of the window lies off the picture.
      const int64_t middle = (int64_t{2} * t + 1) * source;
      const int64_t begin = std::max<int64_t>(0, middle - window / 2);
      const int64_t end = std::min(source * pixel, middle + window / 2);
      Window& pixels = windows.emplace_back(Window{static_cast<int>(begin / pixel), {}});
      for (int64_t edge = begin / pixel * pixel; edge < end; edge += pixel) {
        pixels.weights.push_back(
            static_cast<uint64_t>(std::min(end, edge + pixel) - std::max(begin, edge)));
      }
    }
  }

  int64_t window;               // its length, the divisor of an average
  std::vector<Window> windows;  // one for each target pixel
};

}  // namespace

Plane Resample(const PlaneView& source, int width, int height) {
  assert(source.width >= 1 && source.height >= 1 && width >= 1 && height >= 1);
  const Axis x_axis(source.width, width);
  const Axis y_axis(source.height, height);
  // At most 255 * 4 times the larger area, which no memory makes overflow.
  const auto divisor = static_cast<uint64_t>(x_axis.window) * static_cast<uint64_t>(y_axis.window);
  Plane result(width, height);
  const auto columns = static_cast<size_t>(source.width);
  std::vector<uint64_t> sums(columns);
  for (int y = 0; y < height; ++y) {
    // Whole rows first: the compiler's vectors take several columns at once.
    const Window& down = y_axis.windows[static_cast<size_t>(y)];
    std::ranges::fill(sums, 0);
    for (size_t j = 0; j < down.weights.size(); ++j) {
      const uint8_t* const row = source.Row(down.first + static_cast<int>(j));
      const auto weight = static_cast<uint32_t>(down.weights[j]);
      for (size_t x = 0; x < columns; ++x) sums[x] += uint64_t{weight} * row[x];
    }
    uint8_t* const to = result.Row(y);
    for (size_t x = 0; x < x_axis.windows.size(); ++x) {
      const Window& across = x_axis.windows[x];
      uint64_t sum = 0;
      for (size_t i = 0; i < across.weights.size(); ++i) {
        sum += across.weights[i] * sums[static_cast<size_t>(across.first) + i];
      }
      to[x] = static_cast<uint8_t>((sum + divisor / 2) / divisor);
    }
  }
  return result;
}

}  // namespace digits
