#include "trainer/robustness/geometry.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tests/trainer/robustness/images.h"

namespace digits {
namespace {

TEST(Shifted, MovesEachByteByTwoColumns) {
  const Image image = Scattered(1);
  const Image shifted = Shifted(image, 2, 0);
  for (int y = 0; y < 28; ++y) {
    EXPECT_EQ(Pixel(shifted, 0, y), 0);
    EXPECT_EQ(Pixel(shifted, 1, y), 0);
    for (int x = 2; x < 28; ++x) EXPECT_EQ(Pixel(shifted, x, y), Pixel(image, x - 2, y));
  }
}

TEST(Shifted, MovesUpAndToTheLeftByNegativeNumbers) {
  const Image image = Scattered(2);
  const Image shifted = Shifted(image, -1, -3);
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) {
      EXPECT_EQ(Pixel(shifted, x, y), x < 27 && y < 25 ? Pixel(image, x + 1, y + 3) : 0);
    }
  }
}

TEST(Shifted, LeavesNothingBeyondTheField) {
  EXPECT_EQ(Shifted(Scattered(3), 28, 0), Filled(0));
  EXPECT_EQ(Shifted(Scattered(3), 0, -1000), Filled(0));
}

TEST(Rotated, ByNothingChangesNothing) { EXPECT_EQ(Rotated(Scattered(4), 0), Scattered(4)); }

TEST(Rotated, ByAQuarterTurnTakesTheRightSideToTheTop) {
  const Image image = Scattered(5);
  const Image turned = Rotated(image, 90);
  const Image back = Rotated(image, -90);
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) {
      EXPECT_EQ(Pixel(turned, y, 27 - x), Pixel(image, x, y));
      EXPECT_EQ(Pixel(back, 27 - y, x), Pixel(image, x, y));
    }
  }
}

TEST(Rotated, TurnsAPointAroundTheCentreAnticlockwise) {
  // 2 x 2 pixels whose middle lies 10 to the right of the field's.
  const Image image = Rectangle(23, 13, 24, 14);
  const Image turned = Rotated(image, 30);
  double x_sum = 0, y_sum = 0;
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) {
      x_sum += x * Pixel(turned, x, y) / 255.0;
      y_sum += y * Pixel(turned, x, y) / 255.0;
    }
  }
  const double angle = std::numbers::pi / 6;
  EXPECT_NEAR(x_sum / Ink(turned), 13.5 + 10 * std::cos(angle), 0.05);
  EXPECT_NEAR(y_sum / Ink(turned), 13.5 - 10 * std::sin(angle), 0.05);
  EXPECT_NEAR(Ink(turned), 4, 0.2);
}

TEST(Scaled, ByOneChangesNothing) { EXPECT_EQ(Scaled(Scattered(6), 1), Scattered(6)); }

TEST(Scaled, MakesASquareLargerAndSmallerAboutTheCentre) {
  const Image square = Rectangle(6, 6, 21, 21);  // 16 pixels wide
  for (const double factor : {0.5, 0.75, 1.25, 1.5}) {
    const Image scaled = Scaled(square, factor);
    EXPECT_NEAR(Ink(scaled), 256 * factor * factor, 256 * factor * factor * 0.02) << factor;
    const int half = static_cast<int>(8 * factor);  // from the centre to the edge
    EXPECT_EQ(Pixel(scaled, 14 + half - 2, 14), 255) << factor;
    EXPECT_EQ(Pixel(scaled, 13 - half + 2, 14), 255) << factor;
    EXPECT_EQ(Pixel(scaled, 14, 14 + half + 1), 0) << factor;
    EXPECT_EQ(Pixel(scaled, 14, 13 - half - 1), 0) << factor;
  }
}

TEST(Scaled, KeepsThinStrokesWhole) {
  // Half as large, a line of one pixel is half as dark, wherever it lies.
  for (const int x : {10, 11, 12, 13}) {
    const Image scaled = Scaled(Rectangle(x, 4, x, 23), 0.5);
    for (int y = 10; y < 18; ++y) {
      int sum = 0;
      for (int column = 0; column < 28; ++column) sum += Pixel(scaled, column, y);
      EXPECT_NEAR(sum, 127.5, 3) << x;
    }
  }
}

}  // namespace
}  // namespace digits
