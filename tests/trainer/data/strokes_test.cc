#include "trainer/data/strokes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <set>
#include <vector>

namespace digits {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::Le;

std::vector<uint8_t> PixelsOf(const DataSet& data, size_t i) {
  return {data.image(i).begin(), data.image(i).end()};
}

TEST(DrawStrokes, MakesALabelledDataSetOfTheAskedSize) {
  for (const size_t count : {size_t{0}, size_t{1}, size_t{25}}) {
    const DataSet data = DrawStrokes(count, 1);
    EXPECT_EQ(data.name, "strokes");
    EXPECT_EQ(data.size(), count);
    EXPECT_EQ(data.labels.size(), count);
    EXPECT_TRUE(data.sources.empty());
  }
}

TEST(DrawStrokes, GivesTheSameDigitsForTheSameSeed) {
  const DataSet first = DrawStrokes(200, 7);
  const DataSet second = DrawStrokes(200, 7);
  EXPECT_EQ(first.pixels, second.pixels);
  EXPECT_EQ(first.labels, second.labels);
}

TEST(DrawStrokes, GivesTheSameDigitsOnEveryMachine) {
  // A change of the styles or of the pen changes this; a compiler, its flags or a library must not.
  EXPECT_EQ(Sha256(DrawStrokes(1000, 1)),
            "489c04f96d4c41819f6d093f9d61d61eb7c884b54cddc476b0efb883a7f943b2");
}

TEST(DrawStrokes, GivesADigitThatDoesNotDependOnHowManyAreDrawn) {
  const DataSet few = DrawStrokes(73, 7);
  const DataSet many = DrawStrokes(200, 7);
  EXPECT_TRUE(std::equal(few.pixels.begin(), few.pixels.end(), many.pixels.begin()));
  EXPECT_TRUE(std::equal(few.labels.begin(), few.labels.end(), many.labels.begin()));
}

TEST(DrawStrokes, GivesOtherDigitsForAnotherSeed) {
  // Neighbouring seeds and indexes share no image at all.
  std::set<std::vector<uint8_t>> images;
  for (uint64_t seed = 0; seed < 3; ++seed) {
    const DataSet data = DrawStrokes(300, seed);
    for (size_t i = 0; i < data.size(); ++i) images.insert(PixelsOf(data, i));
  }
  EXPECT_EQ(images.size(), 900U);
}

TEST(DrawStrokes, DrawsTheClassesInEqualSharesAndShuffled) {
  const DataSet data = DrawStrokes(1000, 3);
  std::array<int, 10> counts = {};
  for (const uint8_t label : data.labels) ++counts.at(label);
  EXPECT_THAT(counts, Each(100));
  const std::vector<uint8_t> first(data.labels.begin(), data.labels.begin() + 10);
  const std::vector<uint8_t> second(data.labels.begin() + 10, data.labels.begin() + 20);
  EXPECT_NE(first, second);
}

TEST(DrawStrokes, FillsTheFieldAsMnistDoes) {
  const DataSet data = DrawStrokes(1000, 4);
  for (size_t i = 0; i < data.size(); ++i) {
    SCOPED_TRACE(i);
    std::array<int, 4> box = {kImageSide, kImageSide, -1, -1};  // left, top, right, bottom
    for (int y = 0; y < kImageSide; ++y) {
      for (int x = 0; x < kImageSide; ++x) {
        if (data.image(i)[static_cast<size_t>(y) * kImageSide + static_cast<size_t>(x)] == 0)
          continue;
        box = {std::min(box[0], x), std::min(box[1], y), std::max(box[2], x), std::max(box[3], y)};
      }
    }
    EXPECT_EQ(std::max(box[2] - box[0], box[3] - box[1]) + 1, 20);
    EXPECT_THAT(box, Each(AllOf(Ge(0), Le(27))));
  }
}

TEST(DrawStrokes, HasTheGreyLevelsOfMnist) {
  // MNIST's training images: mean 0.1307, 19.1 % of the pixels not 0, and of these 53.5 % at 200 or
  // more.
  const DataSet data = DrawStrokes(5000, 5);
  const auto at_least = [&data](int level) {
    return static_cast<double>(std::count_if(data.pixels.begin(), data.pixels.end(),
                                             [level](uint8_t value) { return value >= level; }));
  };
  const auto pixels = static_cast<double>(data.pixels.size());
  const double sum = std::accumulate(data.pixels.begin(), data.pixels.end(), 0.0);
  EXPECT_NEAR(sum / 255 / pixels, 0.1307, 0.01);
  EXPECT_NEAR(at_least(1) / pixels, 0.191, 0.015);
  EXPECT_NEAR(at_least(200) / at_least(1), 0.535, 0.05);
}

}  // namespace
}  // namespace digits
