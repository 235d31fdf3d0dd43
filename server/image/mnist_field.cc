#include "server/image/mnist_field.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <vector>

namespace digits {
namespace {

// The pixel that the centre of mass goes to, on both axes.
constexpr int kCentre = 14;

// Half-open: begin <= i < end.
struct Range {
  int begin = 0;
  int end = 0;
  int size() const { return end - begin; }
};

struct Box {
  Range x;
  Range y;
};

Box BoxOfInk(const InkView& ink) {
  Box box = {{ink.width, 0}, {ink.height, 0}};
  for (int y = 0; y < ink.height; ++y) {
    const auto row = ink.pixels.subspan(static_cast<size_t>(y) * static_cast<size_t>(ink.width),
                                        static_cast<size_t>(ink.width));
    const auto is_ink = [](uint8_t value) { return value != 0; };
    const auto first = std::find_if(row.begin(), row.end(), is_ink);
    if (first == row.end()) continue;
    const auto last = std::find_if(row.rbegin(), row.rend(), is_ink);
    box.x.begin = std::min(box.x.begin, static_cast<int>(first - row.begin()));
    box.x.end = std::max(box.x.end, static_cast<int>(row.rend() - last));
    box.y.begin = std::min(box.y.begin, y);
    box.y.end = y + 1;
  }
  return box;
}

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
      // At the border a part of the window lies off the ink, on background.
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

// The ink fitted into 20x20, in its top left corner.
struct FittedInk {
  int width = 0;
  int height = 0;
  std::array<std::array<uint8_t, kInkSide>, kInkSide> rows = {};
};

FittedInk Fit(const InkView& ink, const Box& box) {
  const int64_t longer = std::max(box.x.size(), box.y.size());
  const auto fitted_side = [longer](int side) {
    return std::max(1, static_cast<int>((2 * int64_t{side} * kInkSide + longer) / (2 * longer)));
  };
  FittedInk fitted = {fitted_side(box.x.size()), fitted_side(box.y.size()), {}};
  const Axis x_axis(box.x.size(), fitted.width);
  const Axis y_axis(box.y.size(), fitted.height);
  // At most 255 * 4 times the ink's area, which no memory makes overflow.
  const auto divisor = static_cast<uint64_t>(x_axis.window) * static_cast<uint64_t>(y_axis.window);
  for (int y = 0; y < fitted.height; ++y) {
    const Window& down = y_axis.windows[static_cast<size_t>(y)];
    std::array<uint64_t, kInkSide> sums = {};
    for (size_t j = 0; j < down.weights.size(); ++j) {
      const uint8_t* row =
          ink.pixels.data() +
          (static_cast<size_t>(box.y.begin + down.first) + j) * static_cast<size_t>(ink.width) +
          box.x.begin;
      for (size_t x = 0; x < x_axis.windows.size(); ++x) {
        const Window& across = x_axis.windows[x];
        uint64_t sum = 0;
        for (size_t i = 0; i < across.weights.size(); ++i) {
          sum += across.weights[i] * row[static_cast<size_t>(across.first) + i];
        }
        sums[x] += down.weights[j] * sum;
      }
    }
    for (size_t x = 0; x < x_axis.windows.size(); ++x) {
      fitted.rows[static_cast<size_t>(y)][x] =
          static_cast<uint8_t>((sums[x] + divisor / 2) / divisor);
    }
  }
  return fitted;
}

// Where a side of length `side` begins in the field when its centre of mass, `moment` / `mass` from
// its beginning, goes to the centre.
int Placed(uint64_t moment, uint64_t mass, int side) {
  const int centre_of_mass = static_cast<int>((2 * moment + mass) / (2 * mass));
  return std::clamp(kCentre - centre_of_mass, 0, kImageSide - side);
}

}  // namespace

Image MnistField(const InkView& ink) {
  assert(ink.pixels.size() == static_cast<size_t>(ink.width) * static_cast<size_t>(ink.height));
  Image image = {};
  const Box box = BoxOfInk(ink);
  if (box.x.size() <= 0) return image;

  const FittedInk fitted = Fit(ink, box);
  uint64_t mass = 0;
  uint64_t x_moment = 0;
  uint64_t y_moment = 0;
  for (size_t y = 0; y < kInkSide; ++y) {
    for (size_t x = 0; x < kInkSide; ++x) {
      const uint64_t value = fitted.rows[y][x];
      mass += value;
      x_moment += x * value;
      y_moment += y * value;
    }
  }
  if (mass == 0) return image;  // fainter than half a grey level once fitted

  const int left = Placed(x_moment, mass, fitted.width);
  const int top = Placed(y_moment, mass, fitted.height);
  for (int y = 0; y < fitted.height; ++y) {
    const ptrdiff_t start = ptrdiff_t{top + y} * kImageSide + left;
    std::copy_n(fitted.rows[static_cast<size_t>(y)].begin(), fitted.width, image.begin() + start);
  }
  return image;
}

}  // namespace digits
