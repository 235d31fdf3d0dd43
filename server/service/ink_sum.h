// How much ink an image has.
#ifndef DIGITS_SERVER_SERVICE_INK_SUM_H_
#define DIGITS_SERVER_SERVICE_INK_SUM_H_

#ifdef __SSE2__
#include <emmintrin.h>
#else
#include <numeric>
#endif

#include <cstddef>
#include <cstdint>

#include "server/image/image.h"

namespace digits {

// The sum of the 784 pixels.
inline uint32_t InkOf(const uint8_t* pixels) {
#ifdef __SSE2__  // every x86-64
  static_assert(kImagePixels == 49 * sizeof(__m128i));
  const __m128i zero = _mm_setzero_si128();
  const auto sums_of = [&](size_t i) {  // two, of 16 pixels
    const auto* const some = reinterpret_cast<const __m128i*>(pixels + i * sizeof(__m128i));
    return _mm_sad_epu8(_mm_loadu_si128(some), zero);
  };
  // Four chains of additions at once; 49 is one more than four times twelve.
  __m128i a = sums_of(48);
  __m128i b = zero;
  __m128i c = zero;
  __m128i d = zero;
  for (size_t i = 0; i < 48; i += 4) {
    a = _mm_add_epi64(a, sums_of(i));
    b = _mm_add_epi64(b, sums_of(i + 1));
    c = _mm_add_epi64(c, sums_of(i + 2));
    d = _mm_add_epi64(d, sums_of(i + 3));
  }
  const __m128i sums = _mm_add_epi64(_mm_add_epi64(a, b), _mm_add_epi64(c, d));
  return static_cast<uint32_t>(_mm_cvtsi128_si32(sums) +
                               _mm_cvtsi128_si32(_mm_unpackhi_epi64(sums, sums)));
#else
  return std::accumulate(pixels, pixels + kImagePixels, uint32_t{0});
#endif
}

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_INK_SUM_H_
