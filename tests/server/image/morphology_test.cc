#include "server/image/morphology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <utility>
#include <vector>

namespace digits {
namespace {

using ::testing::ElementsAre;

Plane RandomPlane(int width, int height) {
  std::mt19937 random(7);
  Plane plane(width, height);
  for (uint8_t& value : plane.pixels) value = static_cast<uint8_t>(random());
  return plane;
}

// The definition, pixel by pixel: of the square around each, what `better` prefers.
template <typename Better>
Plane BestAround(const Plane& plane, int reach, Better better) {
  Plane best(plane.width, plane.height);
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < plane.width; ++x) {
      uint8_t value = plane.Row(y)[x];
      for (int ny = std::max(0, y - reach); ny <= std::min(plane.height - 1, y + reach); ++ny) {
        for (int nx = std::max(0, x - reach); nx <= std::min(plane.width - 1, x + reach); ++nx) {
          if (better(plane.Row(ny)[nx], value)) value = plane.Row(ny)[nx];
        }
      }
      best.Row(y)[x] = value;
    }
  }
  return best;
}

TEST(MorphologyTest, OpenedIsTheGreatestOfTheLeastInSquares) {
  for (const auto& [width, height] : {std::pair(1, 1), {1, 9}, {9, 1}, {13, 20}, {20, 13}}) {
    const Plane plane = RandomPlane(width, height);
    for (const int reach : {0, 1, 2, 3, 4, 6, 7, 10, 30}) {
      const Plane expected =
          BestAround(BestAround(plane, reach, std::less<>()), reach, std::greater<>());
      EXPECT_EQ(Opened(plane, reach).pixels, expected.pixels)
          << width << " x " << height << ", " << reach;
    }
  }
}

TEST(MorphologyTest, ThickenedMakesADotACircle) {
  const std::vector<uint8_t> dot = {200};
  const Plane circle = Thickened(ViewOf(1, 1, dot), 2);
  ASSERT_EQ(circle.width, 5);
  ASSERT_EQ(circle.height, 5);
  EXPECT_THAT(circle.pixels, ElementsAre(0, 0, 200, 0, 0,          //
                                         0, 200, 200, 200, 0,      //
                                         200, 200, 200, 200, 200,  //
                                         0, 200, 200, 200, 0,      //
                                         0, 0, 200, 0, 0));
}

TEST(MorphologyTest, ThickenedByLessTakesTheOutlineAway) {
  // Beyond the picture is background, so that ink at its border gets thinner too.
  const std::vector<uint8_t> ink = {90, 91, 92, 93,  //
                                    94, 95, 96, 97,  //
                                    98, 99, 99, 99};
  EXPECT_THAT(Thickened(ViewOf(4, 3, ink), -1).pixels, ElementsAre(0, 0, 0, 0,    //
                                                                   0, 91, 92, 0,  //
                                                                   0, 0, 0, 0));
}

TEST(MorphologyTest, RowsMayLieApart) {
  const Plane plane = RandomPlane(9, 8);
  const PlaneView part = plane.View().Part({{2, 7}, {1, 6}});
  Plane copy(5, 5);
  for (int y = 0; y < 5; ++y) std::copy_n(part.Row(y), 5, copy.Row(y));
  EXPECT_EQ(Thickened(part, 1).pixels, Thickened(copy.View(), 1).pixels);
}

}  // namespace
}  // namespace digits
