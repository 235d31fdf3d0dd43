#include "server/image/mnist_field.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "server/image/resample.h"

namespace digits {
namespace {

// The pixel that the centre of mass goes to, on both axes.
constexpr int kCentre = 14;

Box BoxOfInk(const PlaneView& ink) {
  Box box = {{ink.width, 0}, {ink.height, 0}};
  for (int y = 0; y < ink.height; ++y) {
    const std::span row(ink.Row(y), static_cast<size_t>(ink.width));
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

// Fitted into 20x20.
Plane Fit(const PlaneView& ink) {
  const int64_t longer = std::max(ink.width, ink.height);
  const auto fitted_side = [longer](int side) {
    return std::max(1, static_cast<int>((2 * int64_t{side} * kInkSide + longer) / (2 * longer)));
  };
  return Resample(ink, fitted_side(ink.width), fitted_side(ink.height));
}

// Where a side of length `side` begins in the field when its centre of mass, `moment` / `mass` from
// its beginning, goes to the centre.
int Placed(uint64_t moment, uint64_t mass, int side) {
  const int centre_of_mass = static_cast<int>((2 * moment + mass) / (2 * mass));
  return std::clamp(kCentre - centre_of_mass, 0, kImageSide - side);
}

}  // namespace

Image MnistField(const PlaneView& ink) {
  Image image = {};
  const Box box = BoxOfInk(ink);
  if (box.x.size() <= 0) return image;

  const Plane fitted = Fit(ink.Part(box));
  uint64_t mass = 0;
  uint64_t x_moment = 0;
  uint64_t y_moment = 0;
  for (int y = 0; y < fitted.height; ++y) {
    for (int x = 0; x < fitted.width; ++x) {
      const uint64_t value = fitted.Row(y)[x];
      mass += value;
      x_moment += static_cast<uint64_t>(x) * value;
      y_moment += static_cast<uint64_t>(y) * value;
    }
  }
  if (mass == 0) return image;  // fainter than half a grey level once fitted

  const int left = Placed(x_moment, mass, fitted.width);
  const int top = Placed(y_moment, mass, fitted.height);
  for (int y = 0; y < fitted.height; ++y) {
    const ptrdiff_t start = ptrdiff_t{top + y} * kImageSide + left;
    std::copy_n(fitted.Row(y), fitted.width, image.begin() + start);
  }
  return image;
}

}  // namespace digits
