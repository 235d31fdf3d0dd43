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
  static_assert(kImagePixels % sizeof(__m128i) == 0);
  const __m128i zero = _mm_setzero_si128();
  __m128i sums = zero;  // two
  for (size_t i = 0; i < kImagePixels; i += sizeof(__m128i)) {
    const __m128i some = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels + i));
    sums = _mm_add_epi64(sums, _mm_sad_epu8(some, zero));
  }
  return static_cast<uint32_t>(_mm_cvtsi128_si32(sums) +
                               _mm_cvtsi128_si32(_mm_unpackhi_epi64(sums, sums)));
#else
  return std::accumulate(pixels, pixels + kImagePixels, uint32_t{0});
#endif
}

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_INK_SUM_H_
