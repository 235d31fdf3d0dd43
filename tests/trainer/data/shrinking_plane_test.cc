#include "trainer/data/shrinking_plane.h"

#include <gmock/gmock.h>

#include <vector>

#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ShrinkingPlaneTest, PicturesUpToTheSideThatIsKeptAreNotDivided) {
  EXPECT_EQ(ShrinkingFactor(2048, 2048), 1);
  EXPECT_EQ(ShrinkingFactor(2049, 1), 2);
  EXPECT_EQ(ShrinkingFactor(1, 4097), 3);
  EXPECT_EQ(ShrinkingFactor(65'535, 65'535), 32);
}

TEST(ShrinkingPlaneTest, RowsOfASmallPictureStayAsTheyAre) {
  ShrinkingPlane plane(3, 2);
  plane.AddRow(std::vector<uint8_t>{1, 2, 3});
  plane.AddRow(std::vector<uint8_t>{4, 5, 255});
  EXPECT_THAT(std::move(plane).Take().pixels, ElementsAre(1, 2, 3, 4, 5, 255));
}

TEST(ShrinkingPlaneTest, SquaresAreAveragedAndSmallerOnesLieAtTheEdges) {
  ShrinkingPlane plane(3, 4097);  // by 3: 1 wide, 1,366 high, the last of two rows
  for (int y = 0; y < 4097; ++y) {
    const auto level = static_cast<uint8_t>(y < 3 ? 10 * y : y < 4095 ? 50 : 200 + y - 4095);
    plane.AddRow(std::vector<uint8_t>{level, level, static_cast<uint8_t>(level + 3)});
  }
  const Plane kept = std::move(plane).Take();
  EXPECT_EQ(kept.width, 1);
  EXPECT_EQ(kept.height, 1366);
  EXPECT_EQ(kept.pixels[0], 11);      // (0 + 10 + 20) / 3 + 1
  EXPECT_EQ(kept.pixels[1], 51);      // 50 + 1
  EXPECT_EQ(kept.pixels[1365], 202);  // 200.5 + 1, rounded up
}

TEST(ShrinkingPlaneTest, WhiteOfAnySizeStaysWhite) {
  ShrinkingPlane plane(65'535, 40);
  const std::vector<uint8_t> row(65'535, 255);
  for (int y = 0; y < 40; ++y) plane.AddRow(row);
  const Plane kept = std::move(plane).Take();
  EXPECT_EQ(kept.width, 2048);
  EXPECT_EQ(kept.height, 2);
  EXPECT_THAT(kept.pixels, Each(255));
}

TEST(ShrinkingPlaneTest, SizesBeyondTheLimitsAreRefusedWithTheReason) {
  const struct {
    int64_t width, height;
    bool whole;
    std::string error;
  } table[] = {
      {0, 5, false, "a: is a picture of 0 by 5 pixels (width by height), which is none"},
      {5, 0, false, "which is none"},
      {65'536, 1, false, "where a side has at most 65535"},
      {1, 65'536, false, "where a side has at most 65535"},
      {20'000, 20'000, false,
       "a: is a picture of 20000 by 20000 pixels (width by height), where at most 100 million are "
       "read: make it smaller"},
      {5001, 5000, true, "interlaced or progressive, where at most 25 million are read"},
  };
  for (const auto& size : table) {
    SCOPED_TRACE(size.error);
    EXPECT_THAT(MessageOf(CheckPictureSize(size.width, size.height, size.whole, "a")),
                HasSubstr(size.error));
  }
  EXPECT_TRUE(CheckPictureSize(1, 1, false, "a").ok());
  EXPECT_TRUE(CheckPictureSize(10'000, 10'000, false, "a").ok());
  EXPECT_TRUE(CheckPictureSize(5000, 5000, true, "a").ok());
}

}  // namespace
}  // namespace digits
