#include "server/model/float16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/server/model/not_finite.h"

namespace digits {
namespace {

constexpr float kLargest = std::numeric_limits<float>::max();

// Binary16 by its definition in IEEE 754, section 3.4.
double F16ByDefinition(int bits) {
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  const double magnitude =
      exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

bool IsFinite(int bits) { return (bits >> 10 & 31) != 31; }

TEST(Float16Test, ReadsEveryF16AsItIsDefined) {
  for (int bits = 0; bits < 65'536; ++bits) {
    if (!IsFinite(bits)) continue;
    ASSERT_EQ(FromF16(static_cast<uint16_t>(bits)), F16ByDefinition(bits)) << bits;
  }
  EXPECT_EQ(FromF16(0x7c00), kInfinity);
  EXPECT_EQ(FromF16(0xfc00), -kInfinity);
  EXPECT_TRUE(std::isnan(FromF16(0x7c01)));
  EXPECT_TRUE(std::isnan(FromF16(0xffff)));
  EXPECT_TRUE(std::signbit(FromF16(0x8000)));
}

TEST(Float16Test, GivesBackEveryF16) {
  for (int bits = 0; bits < 65'536; ++bits) {
    if (!IsFinite(bits)) continue;
    ASSERT_EQ(ToF16(FromF16(static_cast<uint16_t>(bits))), bits);
  }
}

// What numpy.float32(x).astype(numpy.float16) gives.
TEST(Float16Test, RoundsToTheNearestF16AsNumpyDoes) {
  const struct {
    float value;
    uint16_t bits;
  } cases[] = {
      {1, 0x3c00},
      {-2, 0xc000},
      {0.1f, 0x2e66},
      {1.0f / 3, 0x3555},
      {-0.0f, 0x8000},
      {1 + 0x1p-11f, 0x3c00},  // ties go to even
      {1 + 0x3p-11f, 0x3c02},
      {1.9997559f, 0x4000},  // a carry into the exponent
      {65504, 0x7bff},
      {65519, 0x7bff},
      {65520, 0x7c00},
      {-kInfinity, 0xfc00},
      {0x1p-14f, 0x0400},  // the smallest normal number
      {6.097555e-5f, 0x03ff},
      {0x1p-24f, 0x0001},  // the smallest of all
      {0x1p-25f, 0x0000},
      {2.9803e-8f, 0x0001},
      {1e-30f, 0x0000},
  };
  for (const auto& [value, bits] : cases) EXPECT_EQ(ToF16(value), bits) << value;
}

TEST(Float16Test, ReadsBf16AsTheUpperHalfOfAFloat) {
  EXPECT_EQ(FromBf16(0x3f80), 1);
  EXPECT_EQ(FromBf16(0xc049), -3.140625f);
  EXPECT_EQ(FromBf16(0x0001), 0x1p-133f);
  EXPECT_EQ(FromBf16(0x7f80), kInfinity);
  EXPECT_TRUE(std::isnan(FromBf16(0x7fc0)));
}

TEST(Float16Test, RoundsToTheNearestBf16) {
  const struct {
    float value;
    uint16_t bits;
  } cases[] = {
      {1, 0x3f80},           {0.1f, 0x3dcd},         // 0x3dcccccd
      {-0.0f, 0x8000},       {1 + 0x1p-8f, 0x3f80},  // ties go to even
      {1 + 0x3p-8f, 0x3f82}, {1 + 0x1p-8f + 0x1p-23f, 0x3f81},
      {0x1.ffp0f, 0x4000},  // a carry into the exponent
      {0x1.fep127f, 0x7f7f}, {kLargest, 0x7f80},
      {-kLargest, 0xff80},   {std::numeric_limits<float>::denorm_min(), 0x0000},
  };
  for (const auto& [value, bits] : cases) EXPECT_EQ(ToBf16(value), bits) << value;
}

}  // namespace
}  // namespace digits
