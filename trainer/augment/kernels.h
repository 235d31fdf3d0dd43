// The arithmetic of augmentation, compiled for several kinds of x86-64.
//
// All kinds give the same bytes: every value is computed by itself, in one order, and nothing is
// fused.
#ifndef DIGITS_TRAINER_AUGMENT_KERNELS_H_
#define DIGITS_TRAINER_AUGMENT_KERNELS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "server/image/image.h"
#include "trainer/augment/smoothing.h"

namespace digits {

// The image at (1, 1) of rows of 32 pixels, with background around it.
inline constexpr size_t kFrameStride = 32;
inline constexpr size_t kFrameRows = 32;
using Frame = std::array<uint8_t, kFrameRows * kFrameStride>;

// A displacement for each pixel, in rows of kFieldStride.
using Field = std::array<float, kImageSide * kFieldStride>;

// Where pixel (x, y) of the result comes from: (x0 + xx x + xy y, y0 + yx x + yy y).
struct AffineMap {
  float x0 = 0, xx = 1, xy = 0;
  float y0 = 0, yx = 0, yy = 1;
};

struct AugmentKernels {
  std::string_view name;

  // The field of `smoothing`, times `factor`, of bell-shaped noise of variance 1: the numbers from
  // `first` on of the sequence `seed`, so many as the smoothing has nodes x node_stride.
  void (*draw_field)(const Smoothing& smoothing, uint64_t seed, uint64_t first, float factor,
                     Field& field);

  // Moves every edge of the ink by `pixels`, -1 to 1, outwards where positive: mixes the image with
  // its greatest (or least) values at a distance of one pixel, in eight directions.
  void (*thicken)(float pixels, const Frame& in, Frame& out);

  // Looks each pixel up where `map` and, unless null, the fields say, with bilinear interpolation.
  void (*warp)(const Frame& in, const AffineMap& map, const Field* right, const Field* down,
               std::span<uint8_t, kImagePixels> out);

  // Adds the bell-shaped numbers of the sequence `seed` times `deviation`, rounds, and cuts off at
  // 0 and 255.
  void (*add_noise)(uint64_t seed, float deviation, std::span<uint8_t, kImagePixels> pixels);
};

// Those that this processor can run, the fastest last; never empty.
std::span<const AugmentKernels> KernelsOfThisProcessor();

}  // namespace digits

#endif  // DIGITS_TRAINER_AUGMENT_KERNELS_H_
