#include "trainer/augment/smoothing.h"

#include <cassert>
#include <cmath>
#include <numbers>

namespace digits {

Smoothing::Smoothing(double sigma) {
  constexpr double kCentre = (kImageSide - 1) / 2.0;
  constexpr double kReach = 3.5;
  const double half = std::ceil(kCentre / sigma + kReach);
  nodes = 2 * static_cast<size_t>(half) + 1;
  node_stride = (nodes + 15) / 16 * 16;
  assert(nodes <= kMaxNodes && node_stride <= kMaxNodeStride);
  // A node stands for sigma pixels along the axis: its noise is sqrt(sigma) times a pixel's.
  const double peak = std::sqrt(sigma) / (std::sqrt(2 * std::numbers::pi) * sigma);
  for (size_t pixel = 0; pixel < kImageSide; ++pixel) {
    for (size_t node = 0; node < nodes; ++node) {
      const double distance =
          (static_cast<double>(pixel) - kCentre) / sigma - (static_cast<double>(node) - half);
      const auto weight = static_cast<float>(peak * std::exp(-distance * distance / 2));
      weights[pixel * nodes + node] = weight;
      transposed[node * kFieldStride + pixel] = weight;
    }
  }
}

}  // namespace digits
