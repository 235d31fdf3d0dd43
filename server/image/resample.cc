#include "server/image/resample.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace digits {
namespace {

// What one target pixel averages along one axis: `size` source pixels from `first` on. Those
// between the first and the last weigh as much as a whole pixel.
struct Window {
  size_t first = 0;
  size_t size = 0;
  uint64_t first_weight = 0;
  uint64_t last_weight = 0;  // 0 where there is only one
};

// One axis of the resampling from `source` to `target` pixels. A target pixel averages a window
// around its own place: as wide as itself when shrinking, so that it averages just the area it
// covers, and one source pixel wide when enlarging, which is linear interpolation. Lengths are in
// units of 1 / (2 target) source pixels, where all are whole.
struct Axis {
  Axis(int source, int target)
      : pixel(2 * static_cast<uint64_t>(target)),
        window(2 * static_cast<uint64_t>(std::max(source, target))) {
    const auto length = static_cast<int64_t>(window);
    const auto unit = static_cast<int64_t>(pixel);
    for (int t = 0; t < target; ++t) {
      // At the border a part of the window lies off the picture.
      const int64_t middle = (int64_t{2} * t + 1) * source;
      const int64_t begin = std::max<int64_t>(0, middle - length / 2);
      const int64_t end = std::min(source * unit, middle + length / 2);
      const int64_t first = begin / unit;
      const int64_t last = (end - 1) / unit;
      windows.push_back({static_cast<size_t>(first), static_cast<size_t>(last - first + 1),
                         static_cast<uint64_t>(std::min(end, (first + 1) * unit) - begin),
                         first == last ? 0 : static_cast<uint64_t>(end - last * unit)});
    }
  }

  uint64_t pixel;               // the length of a source pixel
  uint64_t window;              // that of a whole window, the divisor of an average
  std::vector<Window> windows;  // one for each target pixel
};

// The sum of the window's values, by their weights.
uint64_t WeightedSum(const uint8_t* row, const Window& window, uint64_t pixel) {
  const uint8_t* const values = row + window.first;
  const uint64_t sum = window.first_weight * values[0];
  if (window.size == 1) return sum;
  uint64_t whole = 0;
  for (size_t i = 1; i + 1 < window.size; ++i) whole += values[i];
  return sum + pixel * whole + window.last_weight * values[window.size - 1];
}

}  // namespace

Plane Resample(const PlaneView& source, int width, int height) {
  assert(source.width >= 1 && source.height >= 1 && width >= 1 && height >= 1);
  const Axis x_axis(source.width, width);
  const Axis y_axis(source.height, height);
  // At most 255 * 4 times the larger area, which no memory makes overflow.
  const uint64_t divisor = x_axis.window * y_axis.window;
  Plane result(width, height);
  std::vector<uint64_t> sums(static_cast<size_t>(width));
  for (int y = 0; y < height; ++y) {
    const Window& down = y_axis.windows[static_cast<size_t>(y)];
    std::ranges::fill(sums, 0);
    for (size_t j = 0; j < down.size; ++j) {
      const uint64_t weight = j == 0              ? down.first_weight
                              : j + 1 < down.size ? y_axis.pixel
                                                  : down.last_weight;
      const uint8_t* const row = source.Row(static_cast<int>(down.first + j));
      for (size_t x = 0; x < sums.size(); ++x) {
        sums[x] += weight * WeightedSum(row, x_axis.windows[x], x_axis.pixel);
      }
    }
    uint8_t* const to = result.Row(y);
    for (size_t x = 0; x < sums.size(); ++x) {
      to[x] = static_cast<uint8_t>((sums[x] + divisor / 2) / divisor);
    }
  }
  return result;
}

}  // namespace digits
