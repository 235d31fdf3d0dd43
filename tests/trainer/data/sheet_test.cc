#include "trainer/data/sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace digits {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr size_t kCell = 56;  // twice 28

// A sheet as libpng reads it, and the grey of the middle of each of its places.
struct Sheet {
  size_t width = 0;
  size_t height = 0;
  std::vector<uint8_t> pixels;

  int Place(size_t row, size_t column) const {
    return pixels[(row * kCell + kCell / 2) * width + column * kCell + kCell / 2];
  }
};

Sheet Decode(const std::string& bytes) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size())) return {};
  png.format = PNG_FORMAT_GRAY;
  Sheet sheet = {png.width, png.height, std::vector<uint8_t>(PNG_IMAGE_SIZE(png))};
  if (!png_image_finish_read(&png, nullptr, sheet.pixels.data(), 0, nullptr)) return {};
  return sheet;
}

// Images of one grey each: 10, 20, 30, ...
DataSet Greys(size_t count) {
  DataSet data;
  for (size_t i = 1; i <= count; ++i) {
    data.pixels.insert(data.pixels.end(), kImagePixels, static_cast<uint8_t>(10 * i));
  }
  return data;
}

TEST(SheetPng, DrawsEachImageAtTwiceItsSize) {
  DataSet data = Greys(1);
  data.pixels[kImageSide + 2] = 200;  // second row, third column
  const auto png = SheetPng(data, 1, 1);
  ASSERT_TRUE(png.ok()) << png.status();
  const Sheet sheet = Decode(*png);
  ASSERT_EQ(sheet.width, kCell);
  ASSERT_EQ(sheet.height, kCell);
  std::vector<uint8_t> expected(kCell * kCell, 10);
  for (const size_t y : {2U, 3U}) {
    for (const size_t x : {4U, 5U}) expected[y * kCell + x] = 200;
  }
  EXPECT_EQ(sheet.pixels, expected);
}

TEST(SheetPng, GivesEachClassARow) {
  DataSet data = Greys(6);
  data.labels = {1, 0, 1, 2, 1, 1};
  const auto png = SheetPng(data, 3, 3);
  ASSERT_TRUE(png.ok()) << png.status();
  const Sheet sheet = Decode(*png);
  ASSERT_EQ(sheet.width, 3 * kCell);
  ASSERT_EQ(sheet.height, 3 * kCell);
  const auto row = [&sheet](size_t r) {
    return std::vector<int>{sheet.Place(r, 0), sheet.Place(r, 1), sheet.Place(r, 2)};
  };
  EXPECT_THAT(row(0), ElementsAre(20, 0, 0));
  EXPECT_THAT(row(1), ElementsAre(10, 30, 50));
  EXPECT_THAT(row(2), ElementsAre(40, 0, 0));
}

TEST(SheetPng, LeavesOutClassesBeyondItsRows) {
  DataSet data = Greys(2);
  data.labels = {255, 0};
  const auto png = SheetPng(data, 1, 1);
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_EQ(Decode(*png).Place(0, 0), 20);
}

TEST(SheetPng, KeepsTheOrderOfImagesWithoutLabels) {
  const auto png = SheetPng(Greys(7), 2, 3);
  ASSERT_TRUE(png.ok()) << png.status();
  const Sheet sheet = Decode(*png);
  EXPECT_EQ(sheet.Place(0, 0), 10);
  EXPECT_EQ(sheet.Place(0, 2), 30);
  EXPECT_EQ(sheet.Place(1, 0), 40);
  EXPECT_EQ(sheet.Place(1, 2), 60);
}

TEST(SheetPng, IsBlackWithoutImages) {
  const auto png = SheetPng(DataSet(), 1, 2);
  ASSERT_TRUE(png.ok()) << png.status();
  const Sheet sheet = Decode(*png);
  EXPECT_EQ(sheet.pixels.size(), 2 * kCell * kCell);
  EXPECT_THAT(sheet.pixels, Each(0));
}

TEST(SheetPng, RefusesASizeThatIsNone) {
  struct Case {
    int rows, columns;
  };
  for (const Case& c : {Case{0, 1}, Case{1, 0}, Case{-1, 5}, Case{257, 1}, Case{1, 257}}) {
    const auto png = SheetPng(Greys(1), c.rows, c.columns);
    EXPECT_EQ(png.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(png.status().message()), HasSubstr("1 to 256 rows"));
  }
}

}  // namespace
}  // namespace digits
