#include "server/engine/pixels_to_floats.h"

#include "server/simd/kernel.h"

namespace digits {
namespace {

// A plain loop, which the compiler vectorises for each kind of processor.
template <size_t>
struct Kernels {
  static DIGITS_INLINE void PixelsToFloats(const uint8_t* __restrict pixels, size_t size,
                                           float scale, float* __restrict values) {
    for (size_t i = 0; i < size; ++i) values[i] = static_cast<float>(pixels[i]) * scale;
  }
};

}  // namespace

DIGITS_KERNEL(PixelsToFloats, (const uint8_t* pixels, size_t size, float scale, float* values),
              (pixels, size, scale, values))

}  // namespace digits
