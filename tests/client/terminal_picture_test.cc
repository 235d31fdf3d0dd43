#include "client/terminal_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace digits {
namespace {

using ::testing::StartsWith;

// Rows 0 and 1 begin with these pixels; all others are background.
Image ImageOf(uint8_t upper, uint8_t lower) {
  Image image{};
  image[0] = upper;
  image[kImageSide] = lower;
  return image;
}

TEST(TerminalPictureTest, ShadesByTheMeanOfTwoPixels) {
  const auto first = [](uint8_t upper, uint8_t lower) {
    const std::string picture = DrawPicture(ImageOf(upper, lower), PictureStyle::kShades);
    return picture.substr(0, picture.find("  "));
  };
  EXPECT_EQ(first(0, 0), "");
  EXPECT_EQ(first(128, 0), "░");
  EXPECT_EQ(first(255, 0), "▒");
  EXPECT_EQ(first(255, 128), "▓");
  EXPECT_EQ(first(255, 255), "█");
}

TEST(TerminalPictureTest, IsFourteenLinesOfTwentyEightCharacters) {
  std::string line = std::string(28, ' ') + '\n';
  std::string blank;
  for (int row = 0; row < 14; ++row) blank += line;
  EXPECT_EQ(DrawPicture(Image{}, PictureStyle::kShades), blank);
}

TEST(TerminalPictureTest, ColoursBothHalvesOfACharacterWhereTheyChange) {
  const std::string picture = DrawPicture(ImageOf(255, 128), PictureStyle::kColour);
  EXPECT_THAT(picture, StartsWith("\x1b[38;5;255;48;5;243m▀\x1b[38;5;232;48;5;232m▀▀▀"));
}

TEST(TerminalPictureTest, EndsItsColoursWithEachLine) {
  std::string line = "\x1b[38;5;232;48;5;232m";
  for (int column = 0; column < 28; ++column) line += "▀";
  line += "\x1b[0m\n";
  std::string blank;
  for (int row = 0; row < 14; ++row) blank += line;
  EXPECT_EQ(DrawPicture(Image{}, PictureStyle::kColour), blank);
}

}  // namespace
}  // namespace digits
