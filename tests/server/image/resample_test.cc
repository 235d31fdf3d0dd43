#include "server/image/resample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace digits {
namespace {

using ::testing::ElementsAre;

// The mean of the area that a target pixel covers: of source pixels that are cut into pieces, as
// many as the target has pixels on each side.
int MeanOfArea(const Plane& source, int width, int height, int x, int y) {
  uint64_t sum = 0;
  for (int v = y * source.height; v < (y + 1) * source.height; ++v) {
    for (int u = x * source.width; u < (x + 1) * source.width; ++u) {
      sum += source.Row(v / height)[u / width];
    }
  }
  const auto pieces = static_cast<uint64_t>(source.width) * static_cast<uint64_t>(source.height);
  return static_cast<int>((sum + pieces / 2) / pieces);
}

TEST(ResampleTest, ShrinkingAveragesAreasExactly) {
  std::mt19937 random(3);
  struct Sizes {
    int from_width, from_height, width, height;
  };
  for (const auto& [from_width, from_height, width, height] : {Sizes{1, 1, 1, 1},
                                                               {7, 5, 7, 5},
                                                               {31, 17, 10, 4},
                                                               {64, 64, 16, 16},
                                                               {40, 3, 9, 3},
                                                               {1, 50, 1, 7},
                                                               {23, 29, 1, 1}}) {
    Plane source(from_width, from_height);
    for (uint8_t& value : source.pixels) value = static_cast<uint8_t>(random());
    const Plane shrunk = Resample(source.View(), width, height);
    ASSERT_EQ(shrunk.width, width);
    ASSERT_EQ(shrunk.height, height);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        EXPECT_EQ(shrunk.Row(y)[x], MeanOfArea(source, width, height, x, y))
            << from_width << " x " << from_height << ": " << x << ", " << y;
      }
    }
  }
}

TEST(ResampleTest, EnlargingInterpolatesAndFallsOffBeyondTheBorder) {
  const std::vector<uint8_t> source = {0, 100};
  EXPECT_THAT(Resample(ViewOf(2, 1, source), 4, 1).pixels, ElementsAre(0, 25, 75, 75));
  EXPECT_THAT(Resample(ViewOf(1, 2, source), 1, 4).pixels, ElementsAre(0, 25, 75, 75));
}

TEST(ResampleTest, OneAxisMayShrinkAndTheOtherGrow) {
  const std::vector<uint8_t> source = {40, 60, 100, 120};
  // Columns by means of two, rows by the window that is one pixel high.
  EXPECT_THAT(Resample(ViewOf(4, 1, source), 2, 2).pixels, ElementsAre(38, 83, 38, 83));
}

// Its windows hold millions of pixels.
TEST(ResampleTest, TheLongestPictureIsTaken) {
  constexpr int kLongest = 4'194'304;
  const std::vector<uint8_t> white(kLongest, 255);
  EXPECT_THAT(Resample(ViewOf(kLongest, 1, white), 3, 1).pixels, ElementsAre(255, 255, 255));
  EXPECT_THAT(Resample(ViewOf(1, kLongest, white), 1, 2).pixels, ElementsAre(255, 255));
}

}  // namespace
}  // namespace digits
