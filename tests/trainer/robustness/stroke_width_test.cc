#include "trainer/robustness/stroke_width.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

#include "tests/trainer/robustness/images.h"

namespace digits {
namespace {

// The ink of one row, in pixels of full ink.
double Width(const Image& image, int row) {
  double sum = 0;
  for (int x = 0; x < 28; ++x) sum += Pixel(image, x, row);
  return sum / 255;
}

TEST(StrokeWidth, MovesBothEdgesOfAStrokeByAQuarterOfAPixelEach) {
  const Image stroke = Rectangle(11, 2, 15, 25);  // five pixels wide
  for (int quarters = 0; quarters <= 8; ++quarters) {
    EXPECT_NEAR(Width(Thickened(stroke, quarters), 14), 5 + 2 * quarters / 4.0, 0.03) << quarters;
    if (quarters > 6) continue;  // less than the blur of the edges would be left
    EXPECT_NEAR(Width(Thinned(stroke, quarters), 14), 5 - 2 * quarters / 4.0, 0.03) << quarters;
  }
}

TEST(StrokeWidth, MovesSlantingEdgesAsFarAsUprightOnes) {
  Image stroke = Filled(0);  // along the diagonal, 5 pixels across
  const double half = 2.5;
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) {
      const double distance = std::abs(x - y) / std::numbers::sqrt2;
      Pixel(stroke, x, y) =
          static_cast<uint8_t>(std::lround(255 * std::clamp(half + 0.5 - distance, 0.0, 1.0)));
    }
  }
  const double before = Width(stroke, 14) / std::numbers::sqrt2;
  EXPECT_NEAR(before, 5, 0.1);
  EXPECT_NEAR(Width(Thickened(stroke, 4), 14) / std::numbers::sqrt2, before + 2, 0.2);
  EXPECT_NEAR(Width(Thinned(stroke, 4), 14) / std::numbers::sqrt2, before - 2, 0.2);
}

TEST(StrokeWidth, LeavesFullInkAndNoInkAsTheyAre) {
  const Image stroke = Rectangle(8, 2, 19, 25);
  for (const Image& image : {Thinned(stroke, 2), Thickened(stroke, 2)}) {
    EXPECT_EQ(Pixel(image, 13, 13), 255);
    EXPECT_EQ(Pixel(image, 2, 13), 0);
  }
  EXPECT_EQ(Thinned(Filled(0), 3), Filled(0));
  EXPECT_EQ(Thickened(Filled(0), 6), Filled(0));
}

TEST(StrokeWidth, KeepsTheMirrorImage) {
  const auto mirrored = [](const Image& image) {
    Image mirror;
    for (int y = 0; y < 28; ++y) {
      for (int x = 0; x < 28; ++x) {
        Pixel(mirror, 27 - x, 27 - y) = static_cast<uint8_t>(Pixel(image, x, y));
      }
    }
    return mirror;
  };
  const Image image = Scattered(1);
  EXPECT_EQ(Thinned(mirrored(image), 3), mirrored(Thinned(image, 3)));
  EXPECT_EQ(Thickened(mirrored(image), 5), mirrored(Thickened(image, 5)));
}

}  // namespace
}  // namespace digits
