#include "server/model/float16.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace digits {
namespace {

constexpr int kF16FractionBits = 10;
constexpr int kF16MinExponent = -14;
constexpr float kF16Overflow = 65520;  // half a step beyond the largest
constexpr uint16_t kF16Infinity = 0x7c00;

}  // namespace

uint16_t ToF16(float value) {
  const auto sign = static_cast<uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const float magnitude = std::abs(value);
  if (!(magnitude < kF16Overflow)) return sign | kF16Infinity;
  if (magnitude == 0) return sign;
  const int exponent = std::max(std::ilogb(magnitude), kF16MinExponent);
  // 1024 to 2048 steps, or fewer of a subnormal number. The leading one, and a carry beyond 2047,
  // add themselves to the exponent.
  const float steps = std::nearbyint(std::ldexp(magnitude, kF16FractionBits - exponent));
  const int biased = exponent - kF16MinExponent;
  return static_cast<uint16_t>(sign | ((biased << kF16FractionBits) + static_cast<int>(steps)));
}

float FromF16(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  // Exponent and fraction where a float has them; then only the exponents' biases differ.
  const uint32_t magnitude = static_cast<uint32_t>(bits & 0x7fff) << 13;
  const bool finite = (bits & kF16Infinity) != kF16Infinity;
  const float value = finite ? std::bit_cast<float>(magnitude) * 0x1p112f
                             : std::bit_cast<float>(magnitude | 0x7f800000);
  return std::bit_cast<float>(std::bit_cast<uint32_t>(value) | sign);
}

uint16_t ToBf16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t tie_to_even = bits >> 16 & 1;
  return static_cast<uint16_t>((bits + 0x7fff + tie_to_even) >> 16);
}

float FromBf16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

}  // namespace digits
