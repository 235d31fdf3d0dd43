#include "trainer/data/picture.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>

#include "tests/trainer/data/test_files.h"
#include "trainer/data/strokes.h"

namespace digits {
namespace {

using ::testing::Each;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Normalizing kEach[] = {Normalizing::kAll, Normalizing::kOtherSizes, Normalizing::kNone};

// A grey PNG of some size, `paper` with an upright bar of `ink` in the middle.
std::string Bar(uint32_t side, char paper, char ink) {
  std::string rows(size_t{side} * side, paper);
  for (size_t y = side / 4; y < side - side / 4; ++y) {
    for (size_t x = side / 2; x < side / 2 + side / 16; ++x) rows[y * side + x] = ink;
  }
  return Png(side, side, 8, kPngGray, rows);
}

TEST(PictureTest, RawBytesAreThePixelsHoweverPicturesAreRead) {
  const std::vector<uint8_t> pixels = SomeBytes(784);
  for (const Normalizing normalizing : kEach) {
    const auto image = ParsePicture(AsString(pixels), "a.raw", normalizing);
    ASSERT_TRUE(image.ok()) << image.status();
    EXPECT_THAT(**image, ElementsAreArray(pixels));
  }
}

TEST(PictureTest, PicturesOfAnImagesSizeAreTakenAsTheyAreUnlessAllAreNormalised) {
  const std::vector<uint8_t> pixels = SomeBytes(784);
  const std::string pgm = "P5 28 28 255\n" + AsString(pixels);
  for (const std::string& bytes : {GrayPng(pixels), pgm}) {
    for (const Normalizing normalizing : {Normalizing::kOtherSizes, Normalizing::kNone}) {
      const auto image = ParsePicture(bytes, "a", normalizing);
      ASSERT_TRUE(image.ok()) << image.status();
      EXPECT_THAT(**image, ElementsAreArray(pixels));
    }
    EXPECT_THAT(**ParsePicture(bytes, "a", Normalizing::kAll), Not(ElementsAreArray(pixels)));
  }
}

TEST(PictureTest, DarkOnLightAndLightOnDarkOfAnySizeAreTheSameImage) {
  const auto dark = ParsePicture(Bar(200, '\xff', '\0'), "a", Normalizing::kAll);
  const auto light = ParsePicture(Bar(200, '\0', '\xff'), "a", Normalizing::kOtherSizes);
  ASSERT_TRUE(dark.ok() && light.ok());
  EXPECT_EQ(**dark, **light);
  EXPECT_EQ((**dark)[0], 0);
  EXPECT_GT((**dark)[14 * 28 + 14], 200);
}

TEST(PictureTest, OtherSizesAreRefusedWhereNothingIsNormalised) {
  EXPECT_EQ(MessageOf(ParsePicture(Bar(32, '\xff', '\0'), "a.png", Normalizing::kNone).status()),
            "a.png: has not 28 by 28 pixels, as a picture has that is taken as it is");
}

TEST(PictureTest, BlankPicturesHaveNoImage) {
  for (const std::string& blank :
       {Bar(50, '\0', '\0'), Bar(50, '\xff', '\xff'), std::string("P5 1 1 255\n\x07", 12),
        std::string("P1 1 1 1"), Png(40, 40, 8, kPngRgba, std::string(6400, '\0'))}) {
    const auto image = ParsePicture(blank, "a", Normalizing::kAll);
    ASSERT_TRUE(image.ok()) << image.status();
    EXPECT_FALSE(image->has_value());
  }
}

TEST(PictureTest, ABlankImageOfADataSetIsAnImage) {
  const auto image = ParsePicture(GrayPng(std::vector<uint8_t>(784, 0)), "a", Normalizing::kNone);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_THAT(**image, Each(0));
}

// What a data set exported as pictures loses where it is read as anybody's pictures.
TEST(PictureTest, ADrawnDigitIsHardlyChangedByNormalising) {
  const DataSet strokes = DrawStrokes(50, 1);
  for (size_t i = 0; i < strokes.size(); ++i) {
    const std::vector<uint8_t> pixels(strokes.image(i).begin(), strokes.image(i).end());
    const auto image = ParsePicture(GrayPng(pixels), "a", Normalizing::kAll);
    ASSERT_TRUE(image.ok() && image->has_value());
    int changed = 0;
    for (size_t p = 0; p < kImagePixels; ++p) {
      if (std::abs((**image)[p] - pixels[p]) > 2) ++changed;
    }
    EXPECT_EQ(changed, 0) << "digit " << i;
  }
}

TEST(PictureTest, WhatIsNoPictureIsRefusedWithTheReason) {
  const struct {
    std::string bytes;
    std::string error;
  } table[] = {
      {"", "a.png: is empty"},
      {"text",
       "a.png: is no picture: it is neither PNG nor JPEG nor PBM, PGM or PPM, and a raw "
       "image has 784 bytes, not 4"},
      {std::string(783, 'x'), "a raw image has 784 bytes, not 783"},
      {std::string(785, 'x'), "a raw image has 784 bytes, not 785"},
      {"\x89PNG", "a.png: is no picture"},
      {"GIF89a", "a.png: is no picture"},
  };
  for (const auto& broken : table) {
    for (const Normalizing normalizing : kEach) {
      const auto image = ParsePicture(broken.bytes, "a.png", normalizing);
      EXPECT_EQ(image.status().code(), absl::StatusCode::kInvalidArgument);
      EXPECT_THAT(MessageOf(image.status()), HasSubstr(broken.error));
    }
  }
}

TEST(PictureTest, EachFormatIsKnownByItsFirstBytes) {
  EXPECT_TRUE(IsPicture(GrayPng(SomeBytes(784))));
  EXPECT_TRUE(IsPicture("\xff\xd8\xff\xe0"));
  EXPECT_TRUE(IsPicture("P5\n1 1"));
  EXPECT_FALSE(IsPicture("label,pixel0"));
  EXPECT_FALSE(IsPicture(std::string(784, '\0')));
}

}  // namespace
}  // namespace digits
