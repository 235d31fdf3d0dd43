#include "server/image/normalize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "server/image/mnist_field.h"
#include "server/image/stroke_width.h"

namespace digits {
namespace {

// A 7 whose strokes are `stroke` pixels wide, in a square of `side` pixels with its corner at
// (left, top): 255 on 0.
Plane Seven(int width, int height, int left, int top, int side, double stroke) {
  Plane plane(width, height);
  for (int y = 0; y < side; ++y) {
    const double middle = 0.7 * side - 0.4 * y;
    for (int x = 0; x < side; ++x) {
      const bool bar = y < stroke && x < 0.7 * side;
      const bool leg = std::abs(x - middle) < 0.54 * stroke;  // slanted: as wide as the bar
      if (bar || leg) plane.Row(top + y)[left + x] = 255;
    }
  }
  return plane;
}

Plane Seven(int side = 120) {
  return Seven(2 * side, 2 * side, side / 3, side / 2, side, side / 8.0);
}

// `value(x, y, ink)` of every pixel.
Plane Changed(Plane plane, const std::function<double(int, int, double)>& value) {
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < plane.width; ++x) {
      uint8_t& pixel = plane.Row(y)[x];
      pixel = static_cast<uint8_t>(std::clamp(std::round(value(x, y, pixel / 255.0)), 0.0, 255.0));
    }
  }
  return plane;
}

double MeanDifference(const Image& a, const Image& b) {
  double sum = 0;
  for (size_t i = 0; i < kImagePixels; ++i) sum += std::abs(a[i] - b[i]);
  return sum / kImagePixels;
}

// The image of the clean ink, and what becomes of the picture, which must differ little.
void ExpectReads(const Plane& picture, const Plane& ink, double tolerance) {
  const std::optional<Image> image = Normalize(picture.View());
  ASSERT_TRUE(image.has_value());
  EXPECT_LE(MeanDifference(*image, MnistField(ink.View())), tolerance);
}

TEST(NormalizeTest, CleanInkBecomesWhatMnistMakesOfIt) {
  for (const int side : {14, 40, 120, 250, 900}) {
    SCOPED_TRACE(side);
    ExpectReads(Seven(side), Seven(side), 2);
  }
}

TEST(NormalizeTest, AnImageThatIsAlreadyMnistsStaysAsItIs) {
  const Image image = MnistField(Seven().View());
  EXPECT_EQ(Normalize(ViewOf(kImageSide, kImageSide, image)), image);
}

TEST(NormalizeTest, PolarityAndGreyLevelsDoNotMatter) {
  for (const auto& [paper, ink] : std::vector<std::tuple<double, double>>{
           {255, 0}, {0, 60}, {230, 120}, {100, 160}, {90, 20}}) {
    SCOPED_TRACE(std::to_string(paper) + " " + std::to_string(ink));
    ExpectReads(Changed(Seven(), [&, p = paper, i = ink](
                                     int, int, double value) { return p + value * (i - p); }),
                Seven(), 2);
  }
}

TEST(NormalizeTest, ShadowsAreLevelled) {
  ExpectReads(Changed(Seven(),
                      [](int x, int y, double ink) {
                        const double paper = 240 - 0.4 * x - 0.2 * y;
                        return paper * (1 - 0.8 * ink);
                      }),
              Seven(), 5);
}

// Of the border, more is in the shadow than in the light, but the writing is darker than either.
TEST(NormalizeTest, AShadowIsNotTakenForThePaperOfLightWriting) {
  const Plane seven = Seven(240, 240, 110, 40, 100, 12);
  ExpectReads(Changed(seven,
                      [](int x, int /*y*/, double ink) {
                        const double light = 1 - 0.4 * std::clamp((x - 40) / 30.0, 0.0, 1.0);
                        return light * (210 - 120 * ink);
                      }),
              seven, 4);
}

TEST(NormalizeTest, NoiseAndSpecksAreDropped) {
  std::mt19937 random(1);
  std::normal_distribution<double> noise(0, 10);
  Plane picture =
      Changed(Seven(), [&](int, int, double ink) { return 200 - 150 * ink + noise(random); });
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) picture.Row(200 + i)[220 + j] = 20;
  }
  ExpectReads(picture, Seven(), 6);
}

TEST(NormalizeTest, WritingOfTwoPartsIsKeptWhole) {
  Plane ink = Seven();
  for (int y = 100; y < 110; ++y) std::fill_n(ink.Row(y) + 40, 60, uint8_t{0});
  ExpectReads(ink, ink, 2);
}

TEST(NormalizeTest, ASmallDigitOnALargePageIsReadFromCloseBy) {
  const Plane page = Seven(2000, 1400, 1500, 900, 100, 12);
  ExpectReads(page, page, 3);
}

// Of what fits a field of 20 pixels: MNIST's strokes are 1.6 to 4.7 wide, but for one in a hundred.
TEST(NormalizeTest, StrokesAreBroughtTowardsTheWidthsOfMnist) {
  const auto width_of = [](double stroke) {
    const std::optional<Image> image = Normalize(Seven(300, 300, 50, 50, 200, stroke).View());
    return image ? StrokeWidth(ViewOf(kImageSide, kImageSide, *image)) : 0;
  };
  const auto untouched = [](double stroke) {
    const Image image = MnistField(Seven(300, 300, 50, 50, 200, stroke).View());
    return StrokeWidth(ViewOf(kImageSide, kImageSide, image));
  };
  EXPECT_GT(width_of(3), untouched(3) + 0.3);
  EXPECT_LT(width_of(70), untouched(70) - 0.3);
  EXPECT_NEAR(width_of(25), untouched(25), 0.1);
}

TEST(NormalizeTest, ABlankPictureIsNone) {
  std::mt19937 random(2);
  std::normal_distribution<double> noise(0, 8);
  for (const double grey : {0.0, 128.0, 255.0}) {
    for (const int side : {1, 2, 28, 300}) {
      SCOPED_TRACE(side);
      const Plane even = Changed(Plane(side, side), [&](int, int, double) { return grey; });
      EXPECT_FALSE(Normalize(even.View()).has_value());
      const Plane noisy =
          Changed(Plane(side, side), [&](int, int, double) { return grey + noise(random); });
      EXPECT_TRUE(side <= 2 || !Normalize(noisy.View()).has_value());
    }
  }
  const Plane shadow = Changed(Plane(300, 300), [](int x, int, double) { return 250 - 0.3 * x; });
  EXPECT_FALSE(Normalize(shadow.View()).has_value());
}

TEST(NormalizeTest, PicturesOfAnyShapeAreTaken) {
  EXPECT_FALSE(Normalize({}).has_value());
  int images = 0;
  for (const auto& [width, height] : std::vector<std::tuple<int, int>>{
           {1, 1}, {1, 5}, {5, 1}, {2, 2}, {3, 7}, {1, 40'000}, {40'000, 1}, {20'000, 3}}) {
    for (const unsigned seed : {1U, 2U, 3U}) {
      std::mt19937 random(seed);
      const Plane picture = Changed(Plane(width, height), [&](int, int, double) {
        return seed == 1 ? random() % 256 : random() % 2 * 255;
      });
      const std::optional<Image> image = Normalize(picture.View());
      EXPECT_TRUE(!image || std::ranges::any_of(*image, [](uint8_t value) { return value > 0; }));
      images += image ? 1 : 0;
    }
  }
  EXPECT_GT(images, 0);
}

TEST(NormalizeTest, APicturesRowsMayLieApart) {
  const Plane seven = Seven(100);
  Plane wide(500, seven.height);
  for (int y = 0; y < seven.height; ++y) {
    std::fill_n(wide.Row(y), wide.width, uint8_t{255});
    std::copy_n(seven.Row(y), seven.width, wide.Row(y) + 30);
  }
  const Range columns = {30, 30 + seven.width};
  EXPECT_EQ(Normalize(wide.View().Part({columns, {0, seven.height}})), Normalize(seven.View()));
}

}  // namespace
}  // namespace digits
