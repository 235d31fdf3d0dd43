#include "trainer/robustness/geometry.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

namespace digits {
namespace {

constexpr double kCentre = (kImageSide - 1) / 2.0;

// The pixel, or background outside the field.
double At(ImageView image, int x, int y) {
  if (x < 0 || y < 0 || x >= kImageSide || y >= kImageSide) return 0;
  return image[static_cast<size_t>(y * kImageSide + x)];
}

// Between the four pixels around the point.
double Interpolated(ImageView image, double x, double y) {
  const double left = std::floor(x);
  const double top = std::floor(y);
  // Far outside there is nothing, and no int for it perhaps.
  if (left < -1 || top < -1 || left >= kImageSide || top >= kImageSide) return 0;
  const int column = static_cast<int>(left);
  const int row = static_cast<int>(top);
  const double right = x - left;
  const double down = y - top;
  const double above = (1 - right) * At(image, column, row) + right * At(image, column + 1, row);
  const double below =
      (1 - right) * At(image, column, row + 1) + right * At(image, column + 1, row + 1);
  return (1 - down) * above + down * below;
}

// Each pixel is the mean over points x points places in it, which are looked up at
// (x, y) -> (xx x + xy y, yx x + yy y) about the centre.
struct Lookup {
  double xx, xy, yx, yy;
};

Image Resampled(ImageView image, const Lookup& lookup, int points) {
  Image result;
  for (int row = 0; row < kImageSide; ++row) {
    for (int column = 0; column < kImageSide; ++column) {
      double sum = 0;
      for (int i = 0; i < points; ++i) {
        for (int j = 0; j < points; ++j) {
          const double x = column - kCentre + (j + 0.5) / points - 0.5;
          const double y = row - kCentre + (i + 0.5) / points - 0.5;
          sum += Interpolated(image, kCentre + lookup.xx * x + lookup.xy * y,
                              kCentre + lookup.yx * x + lookup.yy * y);
        }
      }
      result[static_cast<size_t>(row * kImageSide + column)] =
          static_cast<uint8_t>(std::lround(sum / (points * points)));
    }
  }
  return result;
}

}  // namespace

Image Shifted(ImageView image, int right, int down) {
  Image result;
  for (int y = 0; y < kImageSide; ++y) {
    for (int x = 0; x < kImageSide; ++x) {
      result[static_cast<size_t>(y * kImageSide + x)] =
          static_cast<uint8_t>(At(image, x - right, y - down));
    }
  }
  return result;
}

Image Rotated(ImageView image, double degrees) {
  const double angle = degrees / 180 * std::numbers::pi;
  const double cos = std::cos(angle);
  const double sin = std::sin(angle);
  // Rows count downwards, so that anticlockwise is (x, y) -> (cos x + sin y, -sin x + cos y); a
  // pixel is looked up where it comes from, by the inverse.
  return Resampled(image, {cos, -sin, sin, cos}, 1);
}

Image Scaled(ImageView image, double factor) {
  return Resampled(image, {1 / factor, 0, 0, 1 / factor}, factor < 1 ? 4 : 1);
}

}  // namespace digits
