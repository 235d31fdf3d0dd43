#include "trainer/robustness/soiling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/trainer/robustness/images.h"

namespace digits {
namespace {

TEST(WithNoise, HasTheAskedMeanAndDeviation) {
  SplitMix random(1);
  constexpr int kImages = 300;
  const double n = kImages * 784.0;
  double sum = 0, squares = 0, neighbours = 0;
  for (int i = 0; i < kImages; ++i) {
    const Image noisy = WithNoise(Filled(128), 32, random);
    for (size_t j = 0; j < kImagePixels; ++j) {
      const double off = noisy[j] - 128.0;
      sum += off;
      squares += off * off;
      if (j > 0) neighbours += off * (noisy[j - 1] - 128.0);
    }
  }
  // Within four standard errors, the deviation with 1/12 more variance for the rounding.
  const double variance = 32 * 32 + 1 / 12.0;
  EXPECT_NEAR(sum / n, 0, 4 * 32 / std::sqrt(n));
  EXPECT_NEAR(squares / n, variance, 4 * variance * std::sqrt(2 / n));
  EXPECT_NEAR(neighbours / n, 0, 4 * variance / std::sqrt(n));
}

TEST(WithNoise, StaysWithinTheGreyLevels) {
  // Half of it is cut off at either end: what is left of the mean is deviation / sqrt(2 pi).
  SplitMix random(2);
  double dark = 0, light = 0;
  for (int i = 0; i < 200; ++i) {
    dark += Ink(WithNoise(Filled(0), 20, random)) * 255 / 784 / 200;
    light += Ink(WithNoise(Filled(255), 20, random)) * 255 / 784 / 200;
  }
  EXPECT_NEAR(dark, 7.98, 0.25);
  EXPECT_NEAR(light, 255 - 7.98, 0.25);
}

TEST(Blurred, WeighsNeighboursByOneTwoOne) {
  Image dot = Filled(0);
  Pixel(dot, 10, 5) = 160;
  const Image blurred = Blurred(dot, 1);
  Image expected = Filled(0);
  for (const int dy : {-1, 0, 1}) {
    for (const int dx : {-1, 0, 1}) {
      const int weight = (dx == 0 ? 2 : 1) * (dy == 0 ? 2 : 1);
      Pixel(expected, 10 + dx, 5 + dy) = static_cast<uint8_t>(10 * weight);
    }
  }
  EXPECT_EQ(blurred, expected);
}

TEST(Blurred, WidensByHalfAPixelSquaredInEachPass) {
  for (const int passes : {1, 2, 4}) {
    const Image blurred = Blurred(Rectangle(12, 2, 15, 25), passes);
    double mass = 0, moment = 0;
    for (int x = 0; x < 28; ++x) {
      mass += Pixel(blurred, x, 14);
      moment += Pixel(blurred, x, 14) * (x - 13.5) * (x - 13.5);
    }
    // Four pixels side by side have a variance of 5/4 about their middle.
    EXPECT_NEAR(moment / mass, 1.25 + passes / 2.0, 0.03) << passes;
    EXPECT_NEAR(mass, 4 * 255, 3) << passes;
  }
}

TEST(Blurred, LosesInkOverTheBorderAlone) {
  EXPECT_EQ(Blurred(Scattered(1), 0), Scattered(1));
  const Image blurred = Blurred(Filled(255), 1);
  EXPECT_EQ(Pixel(blurred, 14, 14), 255);
  EXPECT_EQ(Pixel(blurred, 0, 14), 191);   // three quarters
  EXPECT_EQ(Pixel(blurred, 27, 27), 143);  // nine sixteenths
}

TEST(WithContrast, MovesGreyLevelsTowardsTheirMean) {
  Image image = Filled(0);
  std::fill(image.begin(), image.begin() + kImagePixels / 2, uint8_t{200});
  const Image faint = WithContrast(image, 0.3);
  EXPECT_EQ(Pixel(faint, 5, 5), 130);
  EXPECT_EQ(Pixel(faint, 5, 20), 70);
  EXPECT_EQ(WithContrast(image, 1), image);
  EXPECT_EQ(WithContrast(image, 0), Filled(100));
}

TEST(Inverted, TakesEachByteFrom255) {
  const Image image = Scattered(2);
  const Image inverted = Inverted(image);
  for (size_t i = 0; i < kImagePixels; ++i) EXPECT_EQ(inverted[i], 255 - image[i]);
}

TEST(Occluded, CoversASquareOfTheStatedArea) {
  const Image occluded = Occluded(Filled(255), 6, 3, 20);
  EXPECT_EQ(std::count(occluded.begin(), occluded.end(), 0), 36);
  for (const auto& [x, y] : {std::pair(3, 20), {8, 20}, {3, 25}, {8, 25}}) {
    EXPECT_EQ(Pixel(occluded, x, y), 0);
  }
  for (const auto& [x, y] : {std::pair(2, 20), {9, 20}, {3, 19}, {8, 26}}) {
    EXPECT_EQ(Pixel(occluded, x, y), 255);
  }
}

TEST(Occluded, IsCutOffAtTheBorder) {
  const auto covered = [](int x, int y) {
    const Image image = Occluded(Filled(255), 6, x, y);
    return std::count(image.begin(), image.end(), 0);
  };
  EXPECT_EQ(covered(-2, 5), 24);
  EXPECT_EQ(covered(25, 26), 6);
  EXPECT_EQ(covered(28, 0), 0);
}

TEST(WithLine, DrawsAPixelOfFullInkAcrossTheField) {
  EXPECT_EQ(WithLine(Filled(0), 14, 10, 2, 0), Rectangle(0, 10, 27, 10));
  EXPECT_EQ(WithLine(Filled(0), 3, 20, 0, -0.5), Rectangle(3, 0, 3, 27));
}

TEST(WithLine, SharesItsInkBetweenTwoRowsWhereItLiesBetweenThem) {
  const Image image = WithLine(Filled(0), 5, 10.25, 1, 0);
  EXPECT_EQ(Pixel(image, 20, 10), 191);
  EXPECT_EQ(Pixel(image, 20, 11), 64);
  EXPECT_EQ(Pixel(image, 20, 9), 0);
  EXPECT_EQ(Pixel(image, 20, 12), 0);
}

TEST(WithLine, HasTheAngleOfItsDirection) {
  // Down by one row in two columns.
  const Image image = WithLine(Filled(0), 10, 10, 2, 1);
  for (int step = -5; step <= 8; ++step) {
    EXPECT_EQ(Pixel(image, 10 + 2 * step, 10 + step), 255) << step;
  }
  EXPECT_EQ(Pixel(image, 10, 12), 0);
}

TEST(WithLine, TakesNoInkAway) {
  const Image image = Scattered(3);
  const Image struck = WithLine(image, 14, 14, 1, 1);
  for (size_t i = 0; i < kImagePixels; ++i) EXPECT_GE(struck[i], image[i]);
}

}  // namespace
}  // namespace digits
