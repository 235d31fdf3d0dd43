#include "trainer/data/jpeg_decoder.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/trainer/data/encoders.h"
#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Made by PIL 9.4 with quality=95, optimize=True and subsampling=0: squares of 8 by 8 in a row.
// Grey: 0, 100, 200, 255.
constexpr char kGreyJpeg[] =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJ"
    "BwYGCAsICQoKCgoKBggLDAsKDAkKCgr/wAALCAAIACABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAACQgK/8QAFBAB"
    "AAAAAAAAAAAAAAAAAAAAAP/aAAgBAQAAPwDP+ZAyC3H/2Q==";
// The same, with progressive=True.
constexpr char kProgressiveJpeg[] =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJ"
    "BwYGCAsICQoKCgoKBggLDAsKDAkKCgr/wgALCAAIACABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAACAcJ/9oACAEB"
    "AAAAAc/2QyLd/8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQABBQIf/8QAFBABAAAAAAAAAAAAAAAAAAAAIP/a"
    "AAgBAQAGPwIf/8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQABPyEf/9oACAEBAAAAEA//xAAUEAEAAAAAAAAA"
    "AAAAAAAAAAAg/9oACAEBAAE/EB//2Q==";
// Red, green, blue, white.
constexpr char kColourJpeg[] =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJ"
    "BwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK"
    "CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAIACADAREAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAA"
    "CQgK/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/EABcBAAMBAAAAAAAAAAAAAAAAAAgJCgf/xAAUEQEAAAAAAAAAAAAA"
    "AAAAAAAA/9oADAMBAAIRAxEAPwCLwpn+EoC2hXA2tMNYbiCA2qP/2Q==";
// Cyan, magenta, yellow and black: none, (0, 0, 0, 255), (255, 0, 0, 0), (0, 255, 0, 128).
constexpr char kInkJpeg[] =
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcG"
    "BggLCAkKCgoKCgYICwwLCgwJCgoK/8AAFAgACAAgBEMRAE0RAFkRAEsRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAAK"
    "Cf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAOBEMATQBZAEsAAD8A38b+N/G/gCANAGC/xf4gDE/7/9k=";
// Grey, two rows of two squares: 0, 100; 200, 255; with Exif that tells orientation 6.
constexpr char kTurnedJpeg[] =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAAIBAQEB"
    "AQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/wAALCAAQ"
    "ABABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAACQgK/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQAAPwDP+ZAy"
    "C3H/2Q==";

// The middles of the squares of 8 by 8, row by row.
std::vector<int> SquaresOf(const std::string& bytes) {
  const auto picture = DecodeJpeg(bytes, "a.jpg");
  EXPECT_TRUE(picture.ok()) << picture.status();
  std::vector<int> squares;
  if (!picture.ok()) return squares;
  for (int y = 4; y < picture->height; y += 8) {
    for (int x = 4; x < picture->width; x += 8) squares.push_back(picture->Row(y)[x]);
  }
  return squares;
}

// The bytes of a marker's segment, from its 0xff on: where they begin.
size_t Marker(const std::string& jpeg, char marker) {
  return jpeg.find(std::string("\xff") + marker);
}

// Of PIL's convert("L").
TEST(JpegDecoderTest, EveryKindGivesItsLuma) {
  EXPECT_THAT(SquaresOf(FromBase64(kGreyJpeg)), ElementsAre(0, 100, 200, 255));
  EXPECT_THAT(SquaresOf(FromBase64(kProgressiveJpeg)), ElementsAre(0, 100, 200, 255));
  EXPECT_THAT(SquaresOf(FromBase64(kColourJpeg)), ElementsAre(76, 150, 29, 255));
  EXPECT_THAT(SquaresOf(FromBase64(kInkJpeg)), ElementsAre(255, 0, 179, 52));
}

// Stored are (255, 255, 255, 255), (255, 255, 255, 0), (0, 255, 255, 255) and (255, 0, 255, 127),
// of which the last one's green is 128, its red and blue 0.
TEST(JpegDecoderTest, InksAreNotInvertedWithoutAdobesMarker) {
  std::string jpeg = FromBase64(kInkJpeg);
  jpeg[Marker(jpeg, '\xee') + 1] = '\xed';  // APP14 becomes APP13
  EXPECT_THAT(SquaresOf(jpeg), ElementsAre(0, 0, 0, 75));
}

// 200 of 255 of each ink missing, and of black: 200 * 200 / 255.
TEST(JpegDecoderTest, InksMayBeStoredAsColoursAndBlack) {
  for (const JpegKind kind : {JpegKind::kCmyk, JpegKind::kYcck}) {
    EXPECT_THAT(SquaresOf(Jpeg(kind, 8, 8, 200)), ElementsAre(157));
  }
}

// As PIL's exif_transpose() shows it.
TEST(JpegDecoderTest, IsTurnedAsItsExifSays) {
  EXPECT_THAT(SquaresOf(FromBase64(kTurnedJpeg)), ElementsAre(200, 0, 255, 100));
}

TEST(JpegDecoderTest, LargePicturesAreKeptSmall) {
  const struct {
    uint32_t width;
    int kept;
  } table[] = {{2048, 2048}, {2049, 1025},   {4097, 1025},
               {7000, 1750}, {20'000, 1250}, {65'500, 2047}};
  for (const auto& [width, kept] : table) {
    const auto picture = DecodeJpeg(Jpeg(JpegKind::kGray, width, 64, 77), "a");
    ASSERT_TRUE(picture.ok()) << picture.status();
    EXPECT_EQ(picture->width, kept) << width;
    EXPECT_THAT(picture->pixels, Each(77));
  }
}

TEST(JpegDecoderTest, EveryCutIsRefused) {
  for (const char* const base64 :
       {kGreyJpeg, kProgressiveJpeg, kColourJpeg, kInkJpeg, kTurnedJpeg}) {
    const std::string good = FromBase64(base64);
    for (size_t size = 3; size < good.size(); ++size) {
      const auto picture = DecodeJpeg(good.substr(0, size), "a.jpg");
      ASSERT_FALSE(picture.ok()) << size;
      EXPECT_THAT(MessageOf(picture.status()), StartsWith("a.jpg: is a broken JPEG: ")) << size;
    }
  }
}

TEST(JpegDecoderTest, BytesAfterItsEndAreNoHarm) {
  EXPECT_THAT(SquaresOf(FromBase64(kGreyJpeg) + "a film"), ElementsAre(0, 100, 200, 255));
}

// As some encoders write it: libjpeg warns and decodes it.
TEST(JpegDecoderTest, ASequentialScanMayTellAnotherRangeOfFrequencies) {
  std::string jpeg = FromBase64(kGreyJpeg);
  jpeg[Marker(jpeg, '\xda') + 8] = '\0';  // the last one, otherwise 63
  EXPECT_THAT(SquaresOf(jpeg), ElementsAre(0, 100, 200, 255));
}

// A progressive picture whose first scan, of the squares' means to their last bit, comes `scans`
// times more.
std::string WithMoreScans(int scans) {
  std::string jpeg = FromBase64(kProgressiveJpeg);
  const size_t first = Marker(jpeg, '\xda');
  jpeg[first + 9] = '\0';  // which bits they are: all
  const std::string scan = jpeg.substr(first, jpeg.find("\xff\xc4", first) - first);
  for (int i = 0; i < scans; ++i) jpeg.insert(first, scan);
  return jpeg;
}

TEST(JpegDecoderTest, BrokenFilesAreRefusedWithTheReason) {
  const std::string good = FromBase64(kGreyJpeg);
  const size_t frame = Marker(good, '\xc0');
  const auto of_size = [&](const std::string& height_and_width) {
    return std::string(good).replace(frame + 5, 4, height_and_width);
  };
  std::string damaged = good;
  damaged.replace(good.size() - 8, 6, 6, '\xfe');
  const std::string progressive = FromBase64(kProgressiveJpeg);
  const struct {
    std::string bytes;
    std::string error;
  } table[] = {
      {"\xff\xd8\xff", "a.jpg: is a broken JPEG: "},
      {"\xff\xd8\xff\xd9", "a.jpg: is a broken JPEG: "},
      {of_size(std::string("\0\0\0\x20", 4)), "a.jpg: is a broken JPEG: Empty JPEG image"},
      {of_size(std::string("\0\x08\0\0", 4)), "a.jpg: is a broken JPEG: Empty JPEG image"},
      {of_size("\x4e\x20\x4e\x20"),
       "a.jpg: is a picture of 20000 by 20000 pixels (width by height), where at most 100 million"},
      {of_size("\xff\xff\xff\xff"), "a.jpg: is a broken JPEG: Maximum supported image dimension"},
      {of_size(std::string("\x20\0\x20\0", 4)), "a.jpg: is a broken JPEG: "},  // lies
      {damaged, "a.jpg: is a broken JPEG: Corrupt JPEG data"},
      {std::string(progressive).replace(Marker(progressive, '\xc2') + 5, 4, "\x17\x70\x17\x70"),
       "interlaced or progressive, where at most 25 million are read"},
      {WithMoreScans(100), "a.jpg: is a broken JPEG: it has more than 100 scans"},
  };
  for (const auto& broken : table) {
    SCOPED_TRACE(broken.error);
    const auto picture = DecodeJpeg(broken.bytes, "a.jpg");
    EXPECT_EQ(picture.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(MessageOf(picture.status()), HasSubstr(broken.error));
  }
}

TEST(JpegDecoderTest, NothingIsPrintedByTheLibrary) {
  const std::string good = FromBase64(kColourJpeg);
  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(DecodeJpeg(good.substr(0, good.size() - 10), "a").ok());
  // Bytes before a marker, of which libjpeg would warn.
  EXPECT_TRUE(DecodeJpeg(std::string(good).insert(good.size() - 2, "abc"), "a").ok());
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace digits
