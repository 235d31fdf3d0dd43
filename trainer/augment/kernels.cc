#include "trainer/augment/kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "trainer/data/splitmix.h"

#define DIGITS_INLINE inline __attribute__((always_inline))

namespace digits {
namespace {

// Number `index` of the sequence `seed`: mean 0, variance 1, at most 3.5. The sum of the four
// 16-bit parts of a random number (Irwin-Hall).
DIGITS_INLINE float Bell(uint64_t seed, uint64_t index) {
  const uint64_t bits = SplitMix::Mix(seed + (index + 1) * SplitMix::kGolden);
  const auto sum = static_cast<int32_t>((bits & 0xffff) + (bits >> 16 & 0xffff) +
                                        (bits >> 32 & 0xffff) + (bits >> 48));
  // Each part is even over 65536 values: their sum has variance 4 x 65536^2 / 12.
  return static_cast<float>(sum - 2 * 0xffff) * (1.7320508f / 65536);
}

DIGITS_INLINE void DrawField(const Smoothing& smoothing, uint64_t seed, uint64_t first,
                             float factor, Field& field) {
  const size_t nodes = smoothing.nodes;
  const size_t stride = smoothing.node_stride;
  alignas(64) std::array<float, kMaxNodes * kMaxNodeStride> noise;
  for (size_t i = 0; i < nodes * stride; ++i) noise[i] = factor * Bell(seed, first + i);
  for (size_t y = 0; y < kImageSide; ++y) {
    // Down the columns first, then along the row.
    alignas(64) std::array<float, kMaxNodeStride> column_sums = {};
    for (size_t row = 0; row < nodes; ++row) {
      const float weight = smoothing.weights[y * nodes + row];
      for (size_t i = 0; i < stride; ++i) column_sums[i] += weight * noise[row * stride + i];
    }
    alignas(64) std::array<float, kFieldStride> sums = {};
    for (size_t node = 0; node < nodes; ++node) {
      const float value = column_sums[node];
      const float* const weights = smoothing.transposed.data() + node * kFieldStride;
      for (size_t x = 0; x < kFieldStride; ++x) sums[x] += value * weights[x];
    }
    std::copy(sums.begin(), sums.end(), field.begin() + static_cast<ptrdiff_t>(y * kFieldStride));
  }
}

// What lies at a distance of one pixel in a diagonal direction, between the pixel at the corner,
// its two neighbours and the pixel itself, in 256ths: bilinear interpolation at (0.7, 0.7).
DIGITS_INLINE int Diagonal(int corner, int side, int other_side, int middle) {
  return (128 * corner + 53 * (side + other_side) + 22 * middle + 128) >> 8;
}

template <typename Better>
DIGITS_INLINE void MixWithNeighbours(int weight, const Frame& in, Frame& out, Better better) {
  out.fill(0);
  constexpr size_t kRow = kFrameStride;
  for (size_t y = 1; y <= kImageSide; ++y) {
    const uint8_t* const p = in.data() + y * kRow + 1;
    uint8_t* const to = out.data() + y * kRow + 1;
    for (size_t x = 0; x < kImageSide; ++x) {
      const int middle = p[x];
      const int up = p[x - kRow], down = p[x + kRow], left = p[x - 1], right = p[x + 1];
      int best = better(middle, better(better(up, down), better(left, right)));
      best = better(best, Diagonal(p[x - kRow - 1], up, left, middle));
      best = better(best, Diagonal(p[x - kRow + 1], up, right, middle));
      best = better(best, Diagonal(p[x + kRow - 1], down, left, middle));
      best = better(best, Diagonal(p[x + kRow + 1], down, right, middle));
      to[x] = static_cast<uint8_t>((middle * (256 - weight) + best * weight + 128) >> 8);
    }
  }
}

DIGITS_INLINE void Thicken(float pixels, const Frame& in, Frame& out) {
  const int weight = static_cast<int>(std::abs(pixels) * 256 + 0.5f);
  if (pixels > 0) {
    MixWithNeighbours(
        weight, in, out, [](int a, int b) __attribute__((always_inline)) { return a > b ? a : b; });
  } else {
    MixWithNeighbours(
        weight, in, out, [](int a, int b) __attribute__((always_inline)) { return a < b ? a : b; });
  }
}

// Grey level between the four pixels around (x, y).
DIGITS_INLINE int Interpolate(const uint32_t* corners, float x, float y) {
  // Coordinates of the frame, which begins one pixel before the field. Beyond it is background.
  const float column = std::min(std::max(x + 1, 0.0f), kImageSide + 1.0f);
  const float row = std::min(std::max(y + 1, 0.0f), kImageSide + 1.0f);
  const int left = static_cast<int>(column);
  const int top = static_cast<int>(row);
  const float right = column - static_cast<float>(left);
  const float down = row - static_cast<float>(top);
  const auto four = static_cast<int>(corners[top * static_cast<int>(kFrameStride) + left]);
  const auto a = static_cast<float>(four & 0xff);
  const auto b = static_cast<float>(four >> 8 & 0xff);
  const auto c = static_cast<float>(four >> 16 & 0xff);
  const auto d = static_cast<float>(four >> 24 & 0xff);
  const float above = a + right * (b - a);
  const float below = c + right * (d - c);
  return static_cast<int>(above + down * (below - above) + 0.5f);
}

DIGITS_INLINE void Warp(const Frame& in, const AffineMap& map, const Field* field_right,
                        const Field* field_down, std::span<uint8_t, kImagePixels> out) {
  // A pixel with its neighbours to the right, below, and both: one load looks up all four.
  constexpr size_t kCorners = (kImageSide + 2) * kFrameStride;
  alignas(64) std::array<uint32_t, kCorners> corners;
  for (size_t i = 0; i < kCorners; ++i) {
    corners[i] = in[i] | uint32_t{in[i + 1]} << 8 | uint32_t{in[i + kFrameStride]} << 16 |
                 uint32_t{in[i + kFrameStride + 1]} << 24;
  }
  for (size_t y = 0; y < kImageSide; ++y) {
    alignas(64) std::array<int32_t, kFieldStride> values;
    const float x0 = map.x0 + map.xy * static_cast<float>(y);
    const float y0 = map.y0 + map.yy * static_cast<float>(y);
    if (field_right != nullptr) {
      const float* const right = field_right->data() + y * kFieldStride;
      const float* const down = field_down->data() + y * kFieldStride;
      for (int x = 0; x < static_cast<int>(kFieldStride); ++x) {
        const auto along = static_cast<float>(x);
        values[static_cast<size_t>(x)] = Interpolate(corners.data(), x0 + map.xx * along + right[x],
                                                     y0 + map.yx * along + down[x]);
      }
    } else {
      for (int x = 0; x < static_cast<int>(kFieldStride); ++x) {
        const auto along = static_cast<float>(x);
        values[static_cast<size_t>(x)] =
            Interpolate(corners.data(), x0 + map.xx * along, y0 + map.yx * along);
      }
    }
    for (size_t x = 0; x < kImageSide; ++x) {
      out[y * kImageSide + x] = static_cast<uint8_t>(values[x]);
    }
  }
}

DIGITS_INLINE void AddNoise(uint64_t seed, float deviation,
                            std::span<uint8_t, kImagePixels> pixels) {
  for (size_t i = 0; i < kImagePixels; ++i) {
    const float value = static_cast<float>(pixels[i]) + deviation * Bell(seed, i);
    pixels[i] =
        static_cast<uint8_t>(static_cast<int>(std::min(std::max(value, 0.0f), 255.0f) + 0.5f));
  }
}

// Defines the kernels for one kind of processor.
#define DIGITS_KERNELS(kind, attribute)                                                     \
  attribute void DrawField##kind(const Smoothing& smoothing, uint64_t seed, uint64_t first, \
                                 float factor, Field& field) {                              \
    DrawField(smoothing, seed, first, factor, field);                                       \
  }                                                                                         \
  attribute void Thicken##kind(float pixels, const Frame& in, Frame& out) {                 \
    Thicken(pixels, in, out);                                                               \
  }                                                                                         \
  attribute void Warp##kind(const Frame& in, const AffineMap& map, const Field* right,      \
                            const Field* down, std::span<uint8_t, kImagePixels> out) {      \
    Warp(in, map, right, down, out);                                                        \
  }                                                                                         \
  attribute void AddNoise##kind(uint64_t seed, float deviation,                             \
                                std::span<uint8_t, kImagePixels> pixels) {                  \
    AddNoise(seed, deviation, pixels);                                                      \
  }                                                                                         \
  constexpr AugmentKernels k##kind = {#kind, DrawField##kind, Thicken##kind, Warp##kind,    \
                                      AddNoise##kind};

DIGITS_KERNELS(Plain, )
#if defined(__x86_64__)
DIGITS_KERNELS(Avx2, __attribute__((target("arch=x86-64-v3"))))
DIGITS_KERNELS(Avx512, __attribute__((target("arch=x86-64-v4,prefer-vector-width=512"))))
constexpr std::array kKernels = {kPlain, kAvx2, kAvx512};
#else
constexpr std::array kKernels = {kPlain};
#endif

size_t RunnableKernels() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return 3;
  if (__builtin_cpu_supports("x86-64-v3")) return 2;
#endif
  return 1;
}

}  // namespace

std::span<const AugmentKernels> KernelsOfThisProcessor() {
  return std::span(kKernels).first(RunnableKernels());
}

}  // namespace digits
