// The Gaussian of elastic distortion.
#ifndef DIGITS_TRAINER_AUGMENT_SMOOTHING_H_
#define DIGITS_TRAINER_AUGMENT_SMOOTHING_H_

#include <array>
#include <cstddef>

#include "server/image/image.h"

namespace digits {

// A row of the field in memory: 28 pixels, and 4 that nobody reads.
inline constexpr size_t kFieldStride = 32;
inline constexpr size_t kMaxNodes = 35;
inline constexpr size_t kMaxNodeStride = 48;

// Smooths noise with a Gaussian of sigma pixels. The noise is not drawn for each pixel but for the
// nodes of a grid whose spacing is sigma, with the same power for each area, and reaches 3.5 sigma
// beyond the field, so that all pixels are displaced alike. The Gaussian is so smooth that this
// makes a difference of 2 exp(-pi^2) = 1e-4 to the variances and correlations of the result
// (Poisson's summation formula) and costs sigma^2 times less.
//
//   field (28 x 28) = weights (28 x nodes) * noise (nodes x nodes) * transposed weights
//
// Where the noise has variance 1, the field has 1 / (4 pi sigma^2), and its correlation over a
// distance d is exp(-d^2 / (4 sigma^2)).
struct Smoothing {
  explicit Smoothing(double sigma);  // 1 to 28

  size_t nodes;
  size_t node_stride;                                          // `nodes` rounded up to 16
  std::array<float, kImageSide* kMaxNodes> weights = {};       // 28 x nodes, row-major
  std::array<float, kMaxNodes* kFieldStride> transposed = {};  // nodes x 28, in rows of 32
};

}  // namespace digits

#endif  // DIGITS_TRAINER_AUGMENT_SMOOTHING_H_
