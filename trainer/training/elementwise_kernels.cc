#include "trainer/training/elementwise_kernels.h"

#include <cmath>

#include "server/simd/kernel.h"

namespace digits {
namespace {

// Plain loops, which the compiler vectorises for each kind of processor.
template <size_t>
struct Kernels {
  static DIGITS_INLINE void UpdateBySgd(float* __restrict values, const float* __restrict gradients,
                                        float* __restrict velocity, size_t size,
                                        const SgdUpdate& update) {
    const float rate = update.learning_rate;
    const float momentum = update.momentum;
    const float decay = update.weight_decay;
    // Of g, of the velocity.
    const float share = update.nesterov ? 1.0f : 0.0f;
    const float velocity_share = update.nesterov ? momentum : 1.0f;
    for (size_t i = 0; i < size; ++i) {
      const float g = gradients[i] + decay * values[i];
      velocity[i] = momentum * velocity[i] + g;
      values[i] -= rate * (share * g + velocity_share * velocity[i]);
    }
  }

  static DIGITS_INLINE void UpdateByAdam(float* __restrict values,
                                         const float* __restrict gradients, float* __restrict first,
                                         float* __restrict second, size_t size,
                                         const AdamUpdate& update) {
    const AdamUpdate u = update;
    for (size_t i = 0; i < size; ++i) {
      const float g = gradients[i];
      const float m = u.beta1 * first[i] + u.share1 * g;
      const float v = u.beta2 * second[i] + u.share2 * (g * g);
      first[i] = m;
      second[i] = v;
      values[i] -=
          u.step_size * m / (std::sqrt(v) * u.second_scale + u.epsilon) + u.decay * values[i];
    }
  }

  static DIGITS_INLINE void MoveTowards(float* __restrict averages, const float* __restrict values,
                                        size_t size, float share) {
    for (size_t i = 0; i < size; ++i) averages[i] += share * (values[i] - averages[i]);
  }

  // The rational function that Eigen takes (Eigen/src/Core/MathFunctionsImpl.h), exact to a few
  // units in the last place; beyond +-7.9 the result is +-1.
  static DIGITS_INLINE void Tanh(float* __restrict values, size_t size) {
    for (size_t i = 0; i < size; ++i) {
      const float limit = 7.90531110763549805f;
      float x = values[i];
      x = x > limit ? limit : x;
      x = x < -limit ? -limit : x;
      const float s = x * x;
      float p = -2.76076847742355e-16f;
      p = p * s + 2.00018790482477e-13f;
      p = p * s + -8.60467152213735e-11f;
      p = p * s + 5.12229709037114e-08f;
      p = p * s + 1.48572235717979e-05f;
      p = p * s + 6.37261928875436e-04f;
      p = p * s + 4.89352455891786e-03f;
      float q = 1.19825839466702e-06f;
      q = q * s + 1.18534705686654e-04f;
      q = q * s + 2.26843463243900e-03f;
      q = q * s + 4.89352518554385e-03f;
      values[i] = x * p / q;
    }
  }

  static DIGITS_INLINE void TanhGradient(const float* __restrict values,
                                         float* __restrict gradients, size_t size) {
    for (size_t i = 0; i < size; ++i) gradients[i] *= 1 - values[i] * values[i];
  }

  // The numbers are lowbias32 (Wellons, "Prospecting for hash functions", 2018) of place and key:
  // each stands alone, so that a register of them is made at once.
  static DIGITS_INLINE void DropOut(float* __restrict values, size_t size, uint64_t key,
                                    uint32_t threshold, float scale) {
    const auto low = static_cast<uint32_t>(key);
    const auto high = static_cast<uint32_t>(key >> 32);
    const auto count = static_cast<uint32_t>(size);
    for (uint32_t i = 0; i < count; ++i) {
      uint32_t x = (i * 0x9e3779b9u + high) ^ low;
      x ^= x >> 16;
      x *= 0x7feb352du;
      x ^= x >> 15;
      x *= 0x846ca68bu;
      x ^= x >> 16;
      const float kept = values[i] * scale;
      values[i] = x < threshold ? 0.0f : kept;
    }
  }
};

}  // namespace

DIGITS_KERNEL(UpdateBySgd,
              (float* values, const float* gradients, float* velocity, size_t size,
               const SgdUpdate& update),
              (values, gradients, velocity, size, update))

DIGITS_KERNEL(UpdateByAdam,
              (float* values, const float* gradients, float* first, float* second, size_t size,
               const AdamUpdate& update),
              (values, gradients, first, second, size, update))

DIGITS_KERNEL(MoveTowards, (float* averages, const float* values, size_t size, float share),
              (averages, values, size, share))

DIGITS_KERNEL(Tanh, (float* values, size_t size), (values, size))

DIGITS_KERNEL(TanhGradient, (const float* values, float* gradients, size_t size),
              (values, gradients, size))

DIGITS_KERNEL(DropOut, (float* values, size_t size, uint64_t key, uint32_t threshold, float scale),
              (values, size, key, threshold, scale))

}  // namespace digits
