#include "server/service/ink_sum.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace digits {
namespace {

TEST(InkSumTest, ABlankImageHasNoInkAndAFullOneAllThereIs) {
  EXPECT_EQ(InkOf(std::vector<uint8_t>(kImagePixels, 0).data()), 0U);
  EXPECT_EQ(InkOf(std::vector<uint8_t>(kImagePixels, 255).data()), 199'920U);  // 784 x 255
}

TEST(InkSumTest, EveryPixelCountsOnce) {
  for (size_t i = 0; i < kImagePixels; ++i) {
    std::vector<uint8_t> pixels(kImagePixels);
    pixels[i] = 200;
    EXPECT_EQ(InkOf(pixels.data()), 200U) << i;
  }
}

TEST(InkSumTest, AnImageMayLieAnywhereAndWhatIsAroundItDoesNotCount) {
  std::vector<uint8_t> bytes(kImagePixels + 2, 1);
  bytes.front() = bytes.back() = 99;
  EXPECT_EQ(InkOf(&bytes[1]), 784U);
}

}  // namespace
}  // namespace digits
