#include "trainer/augment/augmenter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>
#include <random>
#include <set>
#include <vector>

namespace digits {
namespace {

int At(const Image& image, int x, int y) {
  if (x < 0 || y < 0 || x > 27 || y > 27) return 0;
  return image[static_cast<size_t>(y * kImageSide + x)];
}

Image Scattered(uint32_t seed) {
  std::mt19937 random(seed);
  Image image;
  for (uint8_t& pixel : image) pixel = static_cast<uint8_t>(random() >> 24);
  return image;
}

// A ring with a tail, its edges as soft as a digit's: 3 pixels of ink.
Image Nine() {
  Image image = {};
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) {
      const double ring = std::abs(std::hypot(x - 13.0, y - 9.5) - 4.5);
      const double tail = y < 9.5 || y > 23 ? 9 : std::abs(x - 17.5);
      const double grey = std::clamp(2 - std::min(ring, tail), 0.0, 1.0);
      image[static_cast<size_t>(y * kImageSide + x)] =
          static_cast<uint8_t>(std::lround(255 * grey));
    }
  }
  return image;
}

double Ink(const Image& image) { return std::accumulate(image.begin(), image.end(), 0.0) / 255; }

Image Distorted(const Distortion& distortion, const Image& in) {
  Image out;
  Augmenter({}).Distort(distortion, in, out);
  return out;
}

// Bilinear interpolation in float64 at what the definition of a linear map says: pixel p of the
// result is looked up where the map, about the centre, brought it from. forward: xx, xy, yx, yy.
std::array<double, kImagePixels> Reference(const Image& in, const std::array<double, 4>& forward) {
  const auto& [a, b, c, d] = forward;
  const double determinant = a * d - b * c;
  std::array<double, kImagePixels> out;
  for (int row = 0; row < 28; ++row) {
    for (int column = 0; column < 28; ++column) {
      const double x = 13.5 + (d * (column - 13.5) - b * (row - 13.5)) / determinant;
      const double y = 13.5 + (a * (row - 13.5) - c * (column - 13.5)) / determinant;
      double value = 0;
      const int left = static_cast<int>(std::floor(x)), top = static_cast<int>(std::floor(y));
      for (const int i : {left, left + 1}) {
        for (const int j : {top, top + 1}) {
          value += (1 - std::abs(x - i)) * (1 - std::abs(y - j)) * At(in, i, j);
        }
      }
      out[static_cast<size_t>(row * kImageSide + column)] = value;
    }
  }
  return out;
}

void ExpectNear(const Image& actual, const std::array<double, kImagePixels>& expected) {
  for (size_t i = 0; i < kImagePixels; ++i) {
    // Half a grey level for the rounding, a little for float32.
    ASSERT_NEAR(actual[i], expected[i], 0.52) << i % 28 << ", " << i / 28;
  }
}

// What fit uses for wide layers.
AugmentOptions Everything() {
  AugmentOptions options;
  options.rotation = 15;
  options.scale = 0.15;
  options.shear = 0.2;
  options.shift = 1.5;
  options.elastic_alpha = 36;
  options.thickness = 0.3;
  options.contrast = 0.5;
  options.noise = 20;
  return options;
}

TEST(AugmenterTest, WithoutOptionsChangesNoByte) {
  const Image image = Scattered(1);
  for (uint64_t index = 0; index < 100; ++index) {
    Image out;
    Augmenter({}).Augment({1, 2, index}, image, out);
    ASSERT_EQ(out, image);
  }
}

TEST(AugmenterTest, ShiftsByWholePixelsMoveBytes) {
  const Image image = Scattered(2);
  for (const auto& [right, down] : {std::pair(2, 0), {0, -3}, {-1, 5}, {27, 27}, {40, 0}}) {
    Distortion distortion;
    distortion.shift_x = right;
    distortion.shift_y = down;
    const Image shifted = Distorted(distortion, image);
    for (int y = 0; y < 28; ++y) {
      for (int x = 0; x < 28; ++x) {
        ASSERT_EQ(At(shifted, x, y), At(image, x - right, y - down)) << right << ", " << down;
      }
    }
  }
}

TEST(AugmenterTest, TurnsAnticlockwiseAsFloat64Does) {
  for (const double degrees : {-170.0, -30.0, 7.5, 90.0, 135.0}) {
    Distortion distortion;
    distortion.rotation = degrees;
    const double angle = degrees * std::numbers::pi / 180;
    const double cos = std::cos(angle), sin = std::sin(angle);
    // With y downwards.
    ExpectNear(Distorted(distortion, Scattered(3)), Reference(Scattered(3), {cos, sin, -sin, cos}));
  }
}

TEST(AugmenterTest, ScalesEachAxisAsFloat64Does) {
  Distortion distortion;
  distortion.scale_x = 0.8;
  distortion.scale_y = 1.3;
  ExpectNear(Distorted(distortion, Scattered(4)), Reference(Scattered(4), {0.8, 0, 0, 1.3}));
}

TEST(AugmenterTest, ShearsTheTopToTheRightAsFloat64Does) {
  Distortion distortion;
  distortion.shear = 0.3;
  ExpectNear(Distorted(distortion, Scattered(5)), Reference(Scattered(5), {1, -0.3, 0, 1}));
}

TEST(AugmenterTest, ScalesThenShearsThenTurns) {
  Distortion distortion;
  distortion.rotation = 20;
  distortion.scale_x = 1.2;
  distortion.scale_y = 0.9;
  distortion.shear = 0.25;
  const double cos = std::cos(std::numbers::pi / 9), sin = std::sin(std::numbers::pi / 9);
  // [cos sin; -sin cos] [1 -0.25; 0 1] [1.2 0; 0 0.9]
  const std::array<double, 4> forward = {1.2 * cos, 0.9 * (sin - 0.25 * cos), -1.2 * sin,
                                         0.9 * (cos + 0.25 * sin)};
  ExpectNear(Distorted(distortion, Scattered(6)), Reference(Scattered(6), forward));
}

TEST(AugmenterTest, ThickensAndThinsStepByStep) {
  double last = 0;
  for (const double pixels : {-1.0, -0.6, -0.3, -0.1, 0.0, 0.1, 0.3, 0.6, 1.0}) {
    Distortion distortion;
    distortion.thickness = pixels;
    const double ink = Ink(Distorted(distortion, Nine()));
    EXPECT_GT(ink, last) << pixels;
    last = ink;
  }
}

TEST(AugmenterTest, MovesBothEdgesOfAStrokeByTheThickness) {
  for (const bool diagonal : {false, true}) {
    Image stroke = {};
    for (int y = 0; y < 28; ++y) {
      for (int x = 0; x < 28; ++x) {
        const double distance =
            diagonal ? std::abs(x - y) / std::numbers::sqrt2 : std::abs(x - 14.0);
        stroke[static_cast<size_t>(y * kImageSide + x)] =
            static_cast<uint8_t>(std::lround(255 * std::clamp(3 - distance, 0.0, 1.0)));
      }
    }
    const auto width = [diagonal](const Image& image) {  // across the stroke, in pixels of full ink
      double sum = 0;
      for (int x = 0; x < 28; ++x) sum += At(image, x, 14) / 255.0;
      return diagonal ? sum / std::numbers::sqrt2 : sum;
    };
    for (const double pixels : {-1.0, -0.5, 0.5, 1.0}) {
      Distortion distortion;
      distortion.thickness = pixels;
      EXPECT_NEAR(width(Distorted(distortion, stroke)), width(stroke) + 2 * pixels, 0.25)
          << pixels << (diagonal ? " diagonal" : " upright");
    }
  }
}

TEST(AugmenterTest, AddsNoiseOfTheAskedDeviation) {
  Image grey;
  grey.fill(128);
  constexpr int kImages = 300;
  const double n = kImages * 784.0;
  double sum = 0, squares = 0, neighbours = 0;
  for (int i = 0; i < kImages; ++i) {
    Distortion distortion;
    distortion.noise = 30;
    distortion.noise_seed = static_cast<uint64_t>(i);
    const Image noisy = Distorted(distortion, grey);
    for (size_t j = 0; j < kImagePixels; ++j) {
      const double off = noisy[j] - 128.0;
      sum += off;
      squares += off * off;
      if (j > 0) neighbours += off * (noisy[j - 1] - 128.0);
    }
  }
  const double variance = 900 + 1 / 12.0;  // the rounding's too
  EXPECT_NEAR(sum / n, 0, 4 * 30 / std::sqrt(n));
  EXPECT_NEAR(squares / n, variance, 4 * variance * std::sqrt(2 / n));
  EXPECT_NEAR(neighbours / n, 0, 4 * variance / std::sqrt(n));
}

TEST(AugmenterTest, PalesTowardsTheMean) {
  Image half;
  half.fill(0);
  std::fill_n(half.begin(), kImagePixels / 4, uint8_t{200});
  Distortion distortion;
  distortion.contrast = 0.25;
  const Image pale = Distorted(distortion, half);
  // The mean is 50: 200 becomes 50 + 150 / 4, and 0 becomes 50 - 50 / 4.
  EXPECT_EQ(pale.front(), 88);
  EXPECT_EQ(pale.back(), 38);
  distortion.contrast = 0;
  EXPECT_THAT(Distorted(distortion, half), testing::Each(50));
}

TEST(AugmenterTest, BendsWithoutChangingTheInkMuch) {
  AugmentOptions options;
  options.elastic_alpha = 36;
  const Augmenter augmenter(options);
  const Image image = Nine();
  double sum = 0;
  constexpr int kImages = 1000;
  for (uint64_t i = 0; i < kImages; ++i) {
    Image out;
    augmenter.Augment({1, 1, i}, image, out);
    EXPECT_NE(out, image);
    EXPECT_NEAR(Ink(out) / Ink(image), 1, 0.6);
    sum += Ink(out);
  }
  EXPECT_NEAR(sum / kImages / Ink(image), 1, 0.03);
}

TEST(AugmenterTest, DrawsEvenlyFromTheRanges) {
  const Augmenter augmenter(Everything());
  constexpr int kDraws = 10'000;
  // Each as a part of its range: all should fill -1 to 1 evenly, with variance 1/3.
  std::vector<std::vector<double>> parts(9);
  std::set<const Smoothing*> smoothings;
  for (uint64_t i = 0; i < kDraws; ++i) {
    const Distortion drawn = augmenter.Draw({7, 3, i});
    const std::array<double, 9> values = {
        drawn.rotation / 15,   (drawn.scale_x - 1) / 0.15, (drawn.scale_y - 1) / 0.15,
        drawn.shear / 0.2,     drawn.shift_x / 1.5,        drawn.shift_y / 1.5,
        drawn.thickness / 0.3, drawn.noise / 10 - 1,       1 - (1 - drawn.contrast) / 0.25};
    for (size_t p = 0; p < values.size(); ++p) parts[p].push_back(values[p]);
    smoothings.insert(drawn.smoothing);
    EXPECT_EQ(drawn.elastic_alpha, 36);
  }
  EXPECT_EQ(smoothings.size(), 8u);
  for (const std::vector<double>& part : parts) {
    EXPECT_THAT(part, testing::Each(testing::AllOf(testing::Ge(-1), testing::Le(1))));
    const double mean = std::accumulate(part.begin(), part.end(), 0.0) / kDraws;
    const double square = std::inner_product(part.begin(), part.end(), part.begin(), 0.0) / kDraws;
    EXPECT_NEAR(mean, 0, 4 * std::sqrt(1.0 / 3 / kDraws));
    EXPECT_NEAR(square, 1.0 / 3, 0.015);
    for (const std::vector<double>& other : parts) {
      if (&other == &part) continue;
      const double product =
          std::inner_product(part.begin(), part.end(), other.begin(), 0.0) / kDraws;
      EXPECT_NEAR(product, 0, 5.0 / 3 / std::sqrt(kDraws));
    }
  }
}

TEST(AugmenterTest, SoilsItsShareOfTheImages) {
  AugmentOptions options = Everything();
  options.soiled = 0.25;
  const Augmenter some(options);
  const Augmenter all(Everything());
  constexpr int kDraws = 10'000;
  int soiled = 0;
  for (uint64_t i = 0; i < kDraws; ++i) {
    const Distortion drawn = some.Draw({7, 3, i});
    const Distortion usual = all.Draw({7, 3, i});
    EXPECT_EQ(drawn.rotation, usual.rotation);
    if (drawn.noise == 0) {
      EXPECT_EQ(drawn.contrast, 1);
    } else {
      ++soiled;
      EXPECT_EQ(drawn.noise, usual.noise);
      EXPECT_EQ(drawn.contrast, usual.contrast);
    }
  }
  EXPECT_NEAR(soiled, kDraws / 4, 4 * std::sqrt(kDraws * 0.25 * 0.75));
}

TEST(AugmenterTest, DependsOnSeedEpochAndIndexAlone) {
  const Augmenter augmenter(Everything());
  const Image image = Nine();
  const auto augmented = [&](const AugmentKey& key) {
    Image out;
    augmenter.Augment(key, image, out);
    return out;
  };
  const Image first = augmented({1, 5, 9});
  std::set<Image> others;
  for (uint64_t i = 0; i < 10; ++i) {
    others.insert(augmented({2 + i, 5, 9}));
    others.insert(augmented({1, 6 + i, 9}));
    others.insert(augmented({1, 5, 10 + i}));
  }
  others.insert(augmented({1, 9, 5}));
  EXPECT_EQ(others.size(), 31u);
  EXPECT_EQ(others.count(first), 0u);
  EXPECT_EQ(augmented({1, 5, 9}), first);
  Image again;
  Augmenter(Everything()).Augment({1, 5, 9}, image, again);
  EXPECT_EQ(again, first);
}

TEST(AugmenterTest, OneMoreDistortionLeavesTheOthersAsTheyWere) {
  AugmentOptions turned;
  turned.rotation = 15;
  EXPECT_EQ(Augmenter(turned).Draw({1, 2, 3}).rotation,
            Augmenter(Everything()).Draw({1, 2, 3}).rotation);
}

TEST(AugmenterTest, WorksInPlace) {
  const Augmenter augmenter(Everything());
  Image out, image = Nine();
  augmenter.Augment({1, 2, 3}, image, out);
  augmenter.Augment({1, 2, 3}, image, image);
  EXPECT_EQ(image, out);
}

TEST(AugmenterTest, EveryKindOfProcessorGivesTheSameBytes) {
  AugmentOptions wild = Everything();
  wild.elastic_sigma_least = 1;
  wild.elastic_alpha = 20;
  wild.rotation = 180;
  wild.scale = 0.9;
  for (const AugmentOptions& options : {Everything(), wild}) {
    const Augmenter plain(options, KernelsOfThisProcessor().front());
    for (const AugmentKernels& kernels : KernelsOfThisProcessor()) {
      const Augmenter augmenter(options, kernels);
      for (uint64_t i = 0; i < 300; ++i) {
        Image expected, actual;
        plain.Augment({1, 1, i}, Nine(), expected);
        augmenter.Augment({1, 1, i}, Nine(), actual);
        ASSERT_EQ(actual, expected) << kernels.name << " " << i;
      }
    }
  }
}

}  // namespace
}  // namespace digits
