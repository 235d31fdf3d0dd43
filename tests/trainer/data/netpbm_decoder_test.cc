#include "trainer/data/netpbm_decoder.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

struct Good {
  std::string name;
  std::string bytes;
  int width;
  std::vector<uint8_t> pixels;
};

// Each by hand, as the pages pbm(5), pgm(5) and ppm(5) of netpbm have it. The colours' levels are
// 0.299 R + 0.587 G + 0.114 B.
std::vector<Good> GoodFiles() {
  return {
      {"plain bits", "P1\n3 2\n1 0 1\n0 1 0\n", 3, {0, 255, 0, 255, 0, 255}},
      {"plain bits without spaces", "P1 3 2 101010", 3, {0, 255, 0, 255, 0, 255}},
      {"raw bits, rows begin with a byte", "P4\n3 2\n\xa0\x40", 3, {0, 255, 0, 255, 0, 255}},
      {"more than a byte of raw bits",
       std::string("P4 9 1\n\xff\x00", 9),
       9,
       {0, 0, 0, 0, 0, 0, 0, 0, 255}},
      {"plain grey", "P2\n2 2\n255\n0 1\n128 255", 2, {0, 1, 128, 255}},
      {"raw grey", std::string("P5\n2 2\n255\n\x00\x01\x80\xff", 15), 2, {0, 1, 128, 255}},
      {"raw grey to 15", std::string("P5\n2 1\n15\n\x08\x0f", 12), 2, {136, 255}},
      {"raw grey to 65535",
       std::string("P5\n2 2\n65535\n\x00\x00\x01\x01\x80\x80\xff\xff", 21),
       2,
       {0, 1, 128, 255}},
      {"raw grey to 1000", std::string("P5\n2 1\n1000\n\x01\xf4\x03\xe8", 16), 2, {128, 255}},
      {"plain colours", "P3\n2 2\n255\n255 0 0  0 255 0\n0 0 255  7 7 7\n", 2, {76, 150, 29, 7}},
      {"raw colours", std::string("P6\n2 1\n255\n\xff\x00\x00\x07\x07\x07", 17), 2, {76, 7}},
      {"deep colours", std::string("P6 1 1 65535\n\x00\x00\xff\xff\x00\x00", 19), 1, {150}},
      {"comments", "P2 # a\n# 9 9\n2#b\n1\n255 # c\n3 # d\n4", 2, {3, 4}},
      {"a comment right after the magic number", "P2#a\n1 1 255 9", 1, {9}},
      {"a second picture", "P5 1 1 255\n\x07P5 1 1 255\n\x08", 1, {7}},
  };
}

TEST(NetpbmDecoderTest, EveryKindGivesItsPixels) {
  for (const Good& good : GoodFiles()) {
    SCOPED_TRACE(good.name);
    ASSERT_TRUE(IsNetpbm(good.bytes));
    const auto picture = DecodeNetpbm(good.bytes, "a.pnm");
    ASSERT_TRUE(picture.ok()) << picture.status();
    EXPECT_EQ(picture->width, good.width);
    EXPECT_THAT(picture->pixels, ElementsAreArray(good.pixels));
  }
}

TEST(NetpbmDecoderTest, EveryKindThatIsCutOffIsRefused) {
  for (Good good : GoodFiles()) {
    if (good.name == "a second picture" || good.name == "comments") continue;
    SCOPED_TRACE(good.name);
    while (good.bytes.ends_with('\n')) good.bytes.pop_back();
    const size_t cut = good.name == "plain grey" ? 3 : 1;
    EXPECT_FALSE(DecodeNetpbm(good.bytes.substr(0, good.bytes.size() - cut), "a").ok());
  }
}

TEST(NetpbmDecoderTest, BrokenFilesAreRefusedWithTheReason) {
  const std::string header = "a.pgm: is a broken netpbm file: ";
  const struct {
    std::string bytes;
    std::string error;
  } table[] = {
      {"P5\n", header + "its header has no width and height"},
      {"P5 4 x", header + "its header has no width and height"},
      {"P5 4 -4 255\n", header + "its header has no width and height"},
      {"P5 4 4", header + "its header has no maxval"},
      {"P5 4 4 0\n", header + "its maxval is 0, which is 1 to 65535"},
      {"P5 4 4 65536\n", header + "its maxval is 65536, which is 1 to 65535"},
      {"P5 4 4 255", header + "it ends with its header"},
      {"P5 4 4 255\nabc", header + "it is cut off: 3 bytes of pixels, where 4 by 4 have 16"},
      {"P4 20000 5000\nabc",
       header + "it is cut off: 3 bytes of pixels, where 20000 by 5000 have 12500000"},
      {"P6 9000 9000 65535\n",
       header + "it is cut off: 0 bytes of pixels, where 9000 by 9000 have 486000000"},
      {"P5 0 4 255\n", "a.pgm: is a picture of 0 by 4 pixels"},
      {"P5 20000 20000 255\n", "a.pgm: is a picture of 20000 by 20000 pixels"},
      {"P5 4294967297 1 255\n", "where a side has at most 65535"},
      {"P5 99999999999999999999 1 255\n", "where a side has at most 65535"},
      {"P2 2 1 9 1", header + "it is cut off"},
      {"P2 2 1 9 1 x", header + "where a sample should be there is no number"},
      {"P2 2 1 9 1 -1", header + "where a sample should be there is no number"},
      {"P1 2 1 1 2", header + "where a sample should be there is no number"},
      {"P1 9000 9000 1", header + "it is cut off"},
      {"P2 2 1 9 1 10", header + "a sample is 10, its maxval 9"},
      {"P5 2 1 9\n\x01\x0a", header + "a sample is 10, its maxval 9"},
  };
  for (const auto& broken : table) {
    SCOPED_TRACE(broken.bytes);
    const auto picture = DecodeNetpbm(broken.bytes, "a.pgm");
    EXPECT_EQ(picture.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(MessageOf(picture.status()), HasSubstr(broken.error));
  }
}

TEST(NetpbmDecoderTest, OtherFilesAreNotTakenForNetpbm) {
  for (const char* const bytes : {"", "P", "P5", "P7 4", "P0 4", "P55", "p5 4 4", "PK\x03\x04"}) {
    EXPECT_FALSE(IsNetpbm(bytes)) << bytes;
  }
}

}  // namespace
}  // namespace digits
