#include "trainer/data/idx.h"

#include <gmock/gmock.h>

#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(IdxTest, ImagesAreTheBytesAfterTheHeader) {
  const std::vector<uint8_t> pixels = SomeBytes(2352);
  const auto parsed = ParseIdxImages(IdxImages(3, 28, 28, AsString(pixels)), "images");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, pixels);
}

TEST(IdxTest, LabelsAreTheBytesAfterTheHeader) {
  const auto parsed = ParseIdxLabels(IdxLabels(3, std::string("\x05\x00\x09", 3)), "labels", 10);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(*parsed, ElementsAre(5, 0, 9));
}

TEST(IdxTest, LabelsMayHaveAsManyClassesAsAByteCanTell) {
  const auto parsed = ParseIdxLabels(IdxLabels(1, "\xff"), "labels", 256);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(*parsed, ElementsAre(255));
}

struct Broken {
  std::string bytes;
  std::string error;
};

TEST(IdxTest, BrokenImagesAreRefusedWithTheReason) {
  const std::string two(1568, 'x');
  const Broken table[] = {
      {"", "images.idx: has 0 bytes, less than the 16 of the header of IDX images"},
      {IdxImages(0, 28, 28, "").substr(0, 15), "images.idx: has 15 bytes, less than the 16"},
      {IdxImages(2, 28, 28, two, 0x801),
       "images.idx: begins with the number 0x00000801, where IDX images begin with 0x00000803"},
      {IdxImages(2, 28, 28, two, 0x03080000), "images.idx: begins with the number 0x03080000"},
      {IdxImages(2, 28, 28, two, 0xd03), "images.idx: begins with the number 0x00000d03"},
      {IdxImages(2, 32, 32, std::string(2048, 'x')),
       "images.idx: its images are 32 rows by 32 columns, where only 28 by 28 are read"},
      {IdxImages(4, 14, 28, two), "images.idx: its images are 14 rows by 28 columns"},
      {IdxImages(2, 28, 28, two.substr(1)),
       "images.idx: its header says 2 images, which take 1568 bytes, but 1567 bytes follow: the "
       "file is cut off"},
      {IdxImages(2, 28, 28, two + "x"), "but 1569 bytes follow: the file is too long"},
      {IdxImages(0xffffffff, 28, 28, two),
       "its header says 4294967295 images, which take 3367254359280 bytes"},
      {IdxImages(0, 28, 28, two), "its header says 0 images, which take 0 bytes"},
  };
  for (const Broken& broken : table) {
    SCOPED_TRACE(broken.error);
    const auto parsed = ParseIdxImages(broken.bytes, "images.idx");
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(MessageOf(parsed.status()), HasSubstr(broken.error));
  }
}

TEST(IdxTest, BrokenLabelsAreRefusedWithTheReason) {
  const Broken table[] = {
      {IdxLabels(0, "").substr(0, 7), "labels.idx: has 7 bytes, less than the 8 of the header"},
      {IdxLabels(1, "\x01", 0x803),
       "labels.idx: begins with the number 0x00000803, where IDX labels begin with 0x00000801"},
      {IdxLabels(3, "\x01\x02"),
       "labels.idx: its header says 3 labels, which take 3 bytes, but 2 bytes follow: the file is "
       "cut off"},
      {IdxLabels(1, "\x01\x02"), "but 2 bytes follow: the file is too long"},
      {IdxLabels(2, "\x01\x0b"),
       "labels.idx: label 1 (counted from 0) is 11, where labels are 0 to 9"},
      {IdxLabels(1, "\x0a"), "labels.idx: label 0 (counted from 0) is 10"},
  };
  for (const Broken& broken : table) {
    SCOPED_TRACE(broken.error);
    const auto parsed = ParseIdxLabels(broken.bytes, "labels.idx", 10);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(MessageOf(parsed.status()), HasSubstr(broken.error));
  }
}

}  // namespace
}  // namespace digits
