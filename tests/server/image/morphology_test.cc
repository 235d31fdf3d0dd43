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

// The definition, pixel by pixel; of rows that lie apart.
TEST(MorphologyTest, ThickenedIsTheGreatestOrTheLeastInDiscs) {
  const Plane plane = RandomPlane(14, 12);
  const PlaneView ink = plane.View().Part({{2, 11}, {1, 9}});
  for (int reach = -3; reach <= 3; ++reach) {
    const Plane thickened = Thickened(ink, reach);
    const int frame = std::max(0, reach);
    ASSERT_EQ(thickened.width, ink.width + 2 * frame);
    ASSERT_EQ(thickened.height, ink.height + 2 * frame);
    const auto at = [&ink](int x, int y) {
      const bool within = x >= 0 && y >= 0 && x < ink.width && y < ink.height;
      return within ? ink.Row(y)[x] : uint8_t{0};
    };
    for (int y = 0; y < thickened.height; ++y) {
      for (int x = 0; x < thickened.width; ++x) {
        std::vector<uint8_t> around;
        for (int dy = -3; dy <= 3; ++dy) {
          for (int dx = -3; dx <= 3; ++dx) {
            if (dx * dx + dy * dy > reach * reach) continue;
            around.push_back(at(x - frame + dx, y - frame + dy));
          }
        }
        EXPECT_EQ(thickened.Row(y)[x],
                  reach > 0 ? std::ranges::max(around) : std::ranges::min(around))
            << reach << ": " << x << ", " << y;
      }
    }
  }
}

}  // namespace
}  // namespace digits
