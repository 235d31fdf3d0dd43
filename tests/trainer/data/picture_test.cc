#include "trainer/data/picture.h"

#include <gmock/gmock.h>

#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::Each;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

TEST(PictureTest, GrayPngGivesItsPixelsUnchanged) {
  const std::vector<uint8_t> pixels = SomeBytes(784);  // every gray is among them
  const auto image = ParsePicture(GrayPng(pixels), "a.png");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_THAT(*image, ElementsAreArray(pixels));
}

TEST(PictureTest, RawBytesAreThePixels) {
  const std::vector<uint8_t> pixels = SomeBytes(784);
  const auto image = ParsePicture(AsString(pixels), "a.raw");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_THAT(*image, ElementsAreArray(pixels));
}

TEST(PictureTest, GrayInThreeColoursIsThatGray) {
  const std::vector<uint8_t> pixels = SomeBytes(784);
  std::string rows;
  for (const uint8_t pixel : pixels) rows += std::string(3, static_cast<char>(pixel));
  const auto image = ParsePng(Png(28, 28, 8, kPngRgb, rows), "a.png");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_THAT(*image, ElementsAreArray(pixels));
}

TEST(PictureTest, SixteenBitsAreRoundedToEight) {
  const std::vector<uint8_t> pixels = SomeBytes(784);
  std::string rows;
  for (const uint8_t pixel : pixels) rows += std::string(2, static_cast<char>(pixel));  // x 257
  const auto image = ParsePng(Png(28, 28, 16, kPngGray, rows), "a.png");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_THAT(*image, ElementsAreArray(pixels));
}

TEST(PictureTest, OneBitIsBlackAndWhite) {
  const auto white = ParsePng(Png(28, 28, 1, kPngGray, std::string(112, '\xff')), "a.png");
  ASSERT_TRUE(white.ok()) << white.status();
  EXPECT_THAT(*white, Each(255));
}

TEST(PictureTest, TransparentIsBlack) {
  std::string rows;
  for (int i = 0; i < 784; ++i) rows += std::string("\xff\xff\xff\0", 4);
  const auto image = ParsePng(Png(28, 28, 8, kPngRgba, rows), "a.png");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_THAT(*image, Each(0));
}

TEST(PictureTest, BrokenPicturesAreRefusedWithTheReason) {
  const std::string good = GrayPng(SomeBytes(784));
  std::string header = good;
  header[25] = 7;  // a colour type that there is not; its CRC is wrong too
  std::string pixels = good;
  pixels[pixels.size() / 2] ^= 0x55;
  const struct {
    std::string bytes;
    std::string error;
  } table[] = {
      {Png(32, 32, 8, kPngGray, std::string(1024, 'x')),
       "a.png: is a PNG of 32 by 32 pixels (width by height), where only 28 by 28 are read"},
      {Png(28, 27, 8, kPngGray, std::string(756, 'x')), "is a PNG of 28 by 27 pixels"},
      {Png(1'000'000, 1'000'000, 8, kPngRgba, ""), "is a PNG of 1000000 by 1000000 pixels"},
      {good.substr(0, 8), "a.png: is a broken PNG: "},
      {good.substr(0, 30), "a.png: is a broken PNG: "},
      {good.substr(0, good.size() / 2), "a.png: is a broken PNG: "},
      {header, "a.png: is a broken PNG: IHDR: "},
      {pixels, "a.png: is a broken PNG: IDAT: "},
      {Png(28, 28, 8, kPngGray, std::string(560, 'x')), "a.png: is a broken PNG: "},
      {std::string(783, 'x'),
       "a.png: is no picture: it is not a PNG, and a raw image has 784 bytes, not 783"},
      {std::string(785, 'x'), "a raw image has 784 bytes, not 785"},
      {"", "a raw image has 784 bytes, not 0"},
      {"\xff\xd8\xff\xe0 JFIF", "a.png: is no picture: it is not a PNG"},
  };
  for (const auto& broken : table) {
    SCOPED_TRACE(broken.error);
    const auto image = ParsePicture(broken.bytes, "a.png");
    EXPECT_EQ(image.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(MessageOf(image.status()), HasSubstr(broken.error));
  }
}

}  // namespace
}  // namespace digits
