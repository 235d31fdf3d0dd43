#include "server/engine/softmax.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>

#include "server/simd/kernel.h"

namespace digits {
namespace {

// Plain loops over all rows alike, which the compiler vectorises for each kind of processor.
template <size_t>
struct Kernels {
  // e^x for x of at most 0, to 1.4 units in the last place; 0 below -87, shortly before it would be
  // denormal. By Cephes' polynomial of the fraction (Moshier 1992, expf.c): x = n ln 2 + r with n
  // whole and r at most ln 2 / 2 from 0.
  static DIGITS_INLINE float Exp(float x) {
    constexpr float kLeast = -87;
    // What is added to it loses its fraction: the ones are the last digit of such a float.
    constexpr float kRounding = 3 << 22;
    const float limited = x < kLeast ? kLeast : x;
    const float shifted = limited * 1.44269504f + kRounding;
    const float n = shifted - kRounding;
    // ln 2 in two parts, of which the first, times n, is exact.
    const float r = limited - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1;
    const uint32_t power = (std::bit_cast<uint32_t>(shifted) << 23) + std::bit_cast<uint32_t>(1.0f);
    return x < kLeast ? 0 : p * std::bit_cast<float>(power);
  }

  static DIGITS_INLINE float Largest(const float* row, size_t classes) {
    float largest = row[0];
    for (size_t c = 1; c < classes; ++c) largest = largest < row[c] ? row[c] : largest;
    return largest;
  }

  // values = e^(values / divisor), values being at most 0
  static DIGITS_INLINE void ExpOfQuotients(float* __restrict values, size_t size, float divisor) {
    for (size_t i = 0; i < size; ++i) values[i] = Exp(values[i] / divisor);
  }

  static DIGITS_INLINE float Sum(const float* row, size_t classes) {
    float sum = 0;
    for (size_t c = 0; c < classes; ++c) sum += row[c];
    return sum;
  }

  static DIGITS_INLINE void SubtractLargest(const float* __restrict logits, size_t rows,
                                            size_t classes, float* __restrict shifted) {
    for (size_t r = 0; r < rows; ++r, logits += classes, shifted += classes) {
      const float largest = Largest(logits, classes);
      for (size_t c = 0; c < classes; ++c) shifted[c] = logits[c] - largest;
    }
  }

  // exponentials: rows x classes, of the logits less their largest one.
  static DIGITS_INLINE void LogSums(const float* __restrict logits,
                                    const float* __restrict exponentials, size_t rows,
                                    size_t classes, float* __restrict scores) {
    for (size_t r = 0; r < rows; ++r, logits += classes, exponentials += classes) {
      const float score = Largest(logits, classes) + std::log(Sum(exponentials, classes));
      scores[r] = std::isfinite(score) ? score : std::numeric_limits<float>::lowest();
    }
  }

  static DIGITS_INLINE void Normalize(float* __restrict exponentials, size_t rows, size_t classes) {
    for (size_t r = 0; r < rows; ++r, exponentials += classes) {
      const float sum = Sum(exponentials, classes);
      if (std::isfinite(sum)) {
        const float factor = 1 / sum;
        for (size_t c = 0; c < classes; ++c) exponentials[c] *= factor;
      } else {
        std::fill_n(exponentials, classes, 1.0f / static_cast<float>(classes));
      }
    }
  }

  // digit_scores: null where nobody asks for them.
  static DIGITS_INLINE void SoftmaxRows(const float* logits, size_t rows, size_t classes,
                                        float temperature, float* probabilities,
                                        float* digit_scores) {
    if (digit_scores != nullptr) {
      SubtractLargest(logits, rows, classes, probabilities);
      ExpOfQuotients(probabilities, rows * classes, 1);
      LogSums(logits, probabilities, rows, classes, digit_scores);
    }
    if (digit_scores == nullptr || temperature != 1) {
      SubtractLargest(logits, rows, classes, probabilities);
      ExpOfQuotients(probabilities, rows * classes, temperature);
    }
    Normalize(probabilities, rows, classes);
  }
};

DIGITS_KERNEL(SoftmaxRows,
              (const float* logits, size_t rows, size_t classes, float temperature,
               float* probabilities, float* digit_scores),
              (logits, rows, classes, temperature, probabilities, digit_scores))

}  // namespace

void Softmax(std::span<const float> logits, size_t classes, float temperature,
             std::span<float> probabilities, std::span<float> digit_scores) {
  const size_t rows = logits.size() / classes;
  assert(logits.size() == rows * classes && probabilities.size() == logits.size());
  assert(digit_scores.empty() || digit_scores.size() == rows);
  SoftmaxRows(logits.data(), rows, classes, temperature, probabilities.data(),
              digit_scores.empty() ? nullptr : digit_scores.data());
}

}  // namespace digits
