#include "trainer/data/png_decoder.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/trainer/data/encoders.h"
#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

// Made by PIL 9.4 with its defaults.
// Palette black, red, green, white, 2 bits: 0, 1, 2, 3, 3, 2, 1, 0.
constexpr char kPalettePng[] =
    "iVBORw0KGgoAAAANSUhEUgAAAAQAAAACAgMAAAACxpXwAAAADFBMVEUAAAD/AAAA/wD///+2fNpDAAAADElEQVR4"
    "nGOQZngCAAE5AQBFZJGbAAAAAElFTkSuQmCC";
// 16 bits: 0, 128, 129, 257, 32896, 65407, 65408, 65535.
constexpr char kDeepPng[] =
    "iVBORw0KGgoAAAANSUhEUgAAAAQAAAACEAAAAAAKU/78AAAAGklEQVR4nGNgYGBoYGhkZGRqaPj/////f/8AKa0H"
    "/sujGq0AAAAASUVORK5CYII=";
// Colours: red, green, blue, (10, 200, 30).
constexpr char kColourPng[] =
    "iVBORw0KGgoAAAANSUhEUgAAAAQAAAABCAIAAAB2XpiaAAAAFUlEQVR4nGP4z8DA8J+BgeE/1wk5ABnBA+5aai3p"
    "AAAAAElFTkSuQmCC";
// 3 by 2 of 10, 20, ..., 60, with eXIf that tells orientation 6.
constexpr char kTurnedPng[] =
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAGmVYSWZNTQAqAAAACAABARIAAwAAAAEABgAAAAAA"
    "ANZnS2kAAAAQSURBVHicY+Ti4mKR4+ICAAFMAFYzXymfAAAAAElFTkSuQmCC";

std::vector<uint8_t> Decoded(const std::string& bytes) {
  const auto picture = DecodePng(bytes, "a.png");
  EXPECT_TRUE(picture.ok()) << picture.status();
  return picture.ok() ? picture->pixels : std::vector<uint8_t>();
}

// Of PIL's convert("L").
TEST(PngDecoderTest, ColoursAreTheirLuma) {
  EXPECT_THAT(Decoded(FromBase64(kColourPng)), ElementsAre(76, 150, 29, 124));
  EXPECT_THAT(Decoded(FromBase64(kPalettePng)), ElementsAre(0, 76, 150, 255, 255, 150, 76, 0));
}

// round(sample / 257).
TEST(PngDecoderTest, SixteenBitsAreRoundedToEight) {
  EXPECT_THAT(Decoded(FromBase64(kDeepPng)), ElementsAre(0, 0, 1, 1, 128, 255, 255, 255));
}

TEST(PngDecoderTest, FewBitsSpreadFromBlackToWhite) {
  EXPECT_THAT(Decoded(Png(8, 1, 1, kPngGray, "\xa5")), ElementsAre(255, 0, 255, 0, 0, 255, 0, 255));
  EXPECT_THAT(Decoded(Png(4, 1, 2, kPngGray, "\x1b")), ElementsAre(0, 85, 170, 255));
  EXPECT_THAT(Decoded(Png(2, 1, 4, kPngGray, "\x1e")), ElementsAre(17, 238));
}

TEST(PngDecoderTest, GreyIsNotBentByWhatTheFileTellsOfGamma) {
  const std::string gamma("\0\1\x86\xa0", 4);  // 1.0: linear light
  EXPECT_THAT(Decoded(Png(3, 1, 8, kPngGray, "\x10\x80\xf0", {{"gAMA", gamma}})),
              ElementsAre(0x10, 0x80, 0xf0));
}

TEST(PngDecoderTest, DarkInkOnNothingLiesOnWhite) {
  // Grey and alpha: a black and a half transparent black among nothing.
  EXPECT_THAT(Decoded(Png(4, 1, 8, kPngGrayAlpha, std::string("\x63\0\0\xff\0\x80\xff\0", 8))),
              ElementsAre(255, 0, 127, 255));
}

TEST(PngDecoderTest, LightInkOnNothingLiesOnBlack) {
  EXPECT_THAT(Decoded(Png(4, 1, 8, kPngGrayAlpha, std::string("\x63\0\xff\xff\xff\x80\xff\0", 8))),
              ElementsAre(0, 255, 128, 0));
}

TEST(PngDecoderTest, InkThatFillsThePictureStillStandsOut) {
  EXPECT_THAT(Decoded(Png(4, 1, 8, kPngGrayAlpha, std::string("\0\xff\0\xff\0\xff\0\0", 8))),
              ElementsAre(0, 0, 0, 255));
}

TEST(PngDecoderTest, CornersThatAreCutOffAPaperAreAsItIs) {
  const std::string light("\xff\xff\xff\xff\0\xff\0\0", 8);
  EXPECT_THAT(Decoded(Png(4, 1, 8, kPngGrayAlpha, light)), ElementsAre(255, 255, 0, 255));
  const std::string dark("\0\xff\0\xff\xff\xff\xff\0", 8);
  EXPECT_THAT(Decoded(Png(4, 1, 8, kPngGrayAlpha, dark)), ElementsAre(0, 0, 255, 0));
}

TEST(PngDecoderTest, AllTransparentIsBlack) {
  EXPECT_THAT(Decoded(Png(2, 1, 8, kPngRgba, std::string("\xff\xff\xff\0\xff\xff\xff\0", 8))),
              Each(0));
}

TEST(PngDecoderTest, PaletteAndSingleColourMayBeTransparent) {
  const PngChunks palette = {{"PLTE", std::string("\0\0\0\xff\xff\xff", 6)},
                             {"tRNS", std::string("\xff\0", 2)}};
  EXPECT_THAT(Decoded(Png(4, 1, 8, kPngPalette, std::string("\1\0\1\1", 4), palette)),
              ElementsAre(255, 0, 255, 255));
  EXPECT_THAT(
      Decoded(Png(4, 1, 8, kPngGray, "\x09\xf0\x09\x09", {{"tRNS", std::string("\0\x09", 2)}})),
      ElementsAre(0, 0xf0, 0, 0));
}

TEST(PngDecoderTest, InterlacedIsTheSamePicture) {
  const std::vector<uint8_t> pixels = SomeBytes(13 * 21);
  EXPECT_THAT(Decoded(InterlacedPng(13, 21, pixels)), ElementsAreArray(pixels));
}

// As PIL's exif_transpose() shows it.
TEST(PngDecoderTest, IsTurnedAsItsExifSays) {
  const auto picture = DecodePng(FromBase64(kTurnedPng), "a");
  ASSERT_TRUE(picture.ok()) << picture.status();
  EXPECT_EQ(picture->width, 2);
  EXPECT_THAT(picture->pixels, ElementsAre(40, 10, 50, 20, 60, 30));
}

// The orientation 3: turned by half.
const std::string kHalfTurn("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0\0\0\0\0", 26);

TEST(PngDecoderTest, ExifMayFollowThePixels) {
  EXPECT_THAT(Decoded(PngOfChunks({{"IHDR", PngHeader(2, 1, 8, kPngGray)},
                                   {"IDAT", Deflated(std::string("\0\x05\x09", 3))},
                                   {"eXIf", kHalfTurn},
                                   {"IEND", ""}})),
              ElementsAre(9, 5));
}

TEST(PngDecoderTest, OneExifIsReadWhereThereAreMany) {
  const PngChunks many(2000, {"eXIf", kHalfTurn});
  EXPECT_THAT(Decoded(Png(2, 1, 8, kPngGray, "\x05\x09", many)), ElementsAre(9, 5));
}

TEST(PngDecoderTest, HugeExifIsPassedOver) {
  const std::string huge = kHalfTurn + std::string(2'000'000, '\0');
  EXPECT_THAT(Decoded(Png(2, 1, 8, kPngGray, "\x05\x09", {{"eXIf", huge}})), ElementsAre(5, 9));
}

TEST(PngDecoderTest, LargePicturesAreKeptSmall) {
  const auto picture =
      DecodePng(Png(10'000, 100, 8, kPngGray, std::string(1'000'000, '\x40')), "a");
  ASSERT_TRUE(picture.ok()) << picture.status();
  EXPECT_EQ(picture->width, 2000);
  EXPECT_EQ(picture->height, 20);
  EXPECT_THAT(picture->pixels, Each(0x40));
}

// 16 MiB of zeros in 70 KiB, in chunks that hold no pixels.
TEST(PngDecoderTest, HugeTextAndProfilesAreNoHarm) {
  const std::string bomb = Deflated(std::string(size_t{16} << 20, '\0'));
  const std::string nothing("\0", 1);
  const PngChunks others = {{"zTXt", "Comment" + nothing + nothing + bomb},
                            {"iCCP", "profile" + nothing + nothing + bomb},
                            {"iTXt", "Comment" + nothing + "\1" + std::string(3, '\0') + bomb},
                            {"tEXt", "Comment" + nothing + std::string(10'000'000, 'x')},
                            {"myNo", std::string(10'000'000, 'x')}};
  EXPECT_THAT(Decoded(Png(2, 1, 8, kPngGray, "ab", others)), ElementsAre('a', 'b'));
}

TEST(PngDecoderTest, HugePixelsBeyondTheLastRowAreNoHarm) {
  const std::string bomb = Deflated(std::string(size_t{16} << 20, '\0'));
  EXPECT_THAT(
      Decoded(PngOfChunks({{"IHDR", PngHeader(2, 1, 8, kPngGray)}, {"IDAT", bomb}, {"IEND", ""}})),
      ElementsAre(0, 0));
}

TEST(PngDecoderTest, EveryCutIsRefused) {
  for (const std::string& good :
       {FromBase64(kTurnedPng), FromBase64(kPalettePng), InterlacedPng(13, 21, SomeBytes(273))}) {
    for (size_t size = 8; size < good.size(); ++size) {
      const auto picture = DecodePng(good.substr(0, size), "a.png");
      ASSERT_FALSE(picture.ok()) << size;
      EXPECT_EQ(MessageOf(picture.status()), "a.png: is a broken PNG: it is cut off") << size;
    }
  }
}

TEST(PngDecoderTest, BrokenFilesAreRefusedWithTheReason) {
  const std::string good = GrayPng(SomeBytes(784));
  std::string pixels = good;
  pixels[pixels.size() / 2] ^= 0x55;
  std::string header = good;
  header[25] = 7;  // a colour type that there is not; its CRC is wrong too
  const std::string row = Deflated(std::string(3, '\0'));
  const struct {
    std::string bytes;
    std::string error;
  } table[] = {
      {header, "a.png: is a broken PNG: IHDR: "},
      {pixels, "a.png: is a broken PNG: IDAT: "},
      {Png(28, 28, 8, kPngGray, std::string(560, 'x')), "a.png: is a broken PNG: "},
      {PngOfChunks({{"IHDR", PngHeader(0, 4, 8, kPngGray)}, {"IDAT", row}, {"IEND", ""}}),
       "a.png: is a broken PNG: "},
      {PngOfChunks({{"IHDR", PngHeader(2, 1, 3, kPngGray)}, {"IDAT", row}, {"IEND", ""}}),
       "a.png: is a broken PNG: "},
      {PngOfChunks({{"IHDR", PngHeader(2, 1, 8, kPngPalette)}, {"IDAT", row}, {"IEND", ""}}),
       "Missing PLTE before IDAT"},
      {PngOfChunks({{"IHDR", PngHeader(2, 1, 8, kPngGray)}, {"IEND", ""}}),
       "a.png: is a broken PNG: "},
      {PngOfChunks({{"IHDR", PngHeader(2, 1, 8, kPngGray)}, {"IDAT", "no zlib"}, {"IEND", ""}}),
       "a.png: is a broken PNG: IDAT: "},
      {PngOfChunks({{"IDAT", row}, {"IEND", ""}}), "a.png: is a broken PNG: "},
      {PngOfChunks({{"IHDR", PngHeader(20'000, 20'000, 8, kPngGray)}, {"IDAT", row}}),
       "a.png: is a picture of 20000 by 20000 pixels (width by height), where at most 100 million"},
      {PngOfChunks({{"IHDR", PngHeader(0x7fffffff, 0x7fffffff, 16, kPngRgba)}, {"IDAT", row}}),
       "a.png: is a picture of 2147483647 by 2147483647 pixels"},
      {PngOfChunks({{"IHDR", PngHeader(10'000, 10'000, 8, kPngGray)}, {"IDAT", row}, {"IEND", ""}}),
       "a.png: is a broken PNG: Not enough image data"},
      {PngOfChunks({{"IHDR", PngHeader(6000, 6000, 8, kPngGray, true)}, {"IDAT", row}}),
       "interlaced or progressive, where at most 25 million are read"},
  };
  for (const auto& broken : table) {
    SCOPED_TRACE(broken.error);
    const auto picture = DecodePng(broken.bytes, "a.png");
    EXPECT_EQ(picture.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(MessageOf(picture.status()), HasSubstr(broken.error));
  }
}

TEST(PngDecoderTest, NothingIsPrintedByTheLibrary) {
  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(DecodePng(GrayPng(SomeBytes(784)).substr(0, 300), "a").ok());
  // libpng would warn of a gamma of 0.
  EXPECT_TRUE(DecodePng(Png(1, 1, 8, kPngGray, "x", {{"gAMA", std::string(4, '\0')}}), "a").ok());
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace digits
