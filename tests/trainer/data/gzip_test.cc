#include "trainer/data/gzip.h"

#include <gmock/gmock.h>

#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::HasSubstr;

TEST(GunzipTest, GivesBackWhatWasCompressed) {
  const std::string bytes = AsString(SomeBytes(600'000));
  const std::string compressed = Gzip(bytes);
  EXPECT_TRUE(IsGzip(compressed));
  const auto content = Gunzip(compressed, "a.gz");
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(*content, bytes);
}

TEST(GunzipTest, FilesOneAfterAnotherAreOne) {
  const auto content = Gunzip(Gzip("abc") + Gzip("") + Gzip("def"), "a.gz");
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(*content, "abcdef");
}

TEST(GunzipTest, NothingInflatesBeyondTheLimit) {
  const std::string bomb = Gzip(std::string(8'000'000, '\0'));
  EXPECT_EQ(MessageOf(Gunzip(bomb, "bomb.gz", 7'999'999).status()),
            "bomb.gz: holds more than 7999999 bytes, the most that is read");
  EXPECT_TRUE(Gunzip(bomb, "bomb.gz", 8'000'000).ok());
  EXPECT_FALSE(Gunzip(Gzip("abc") + Gzip("def"), "a.gz", 5).ok());
}

TEST(GunzipTest, EveryCutIsNoticed) {
  const std::string compressed = Gzip("Some text of some length");
  for (size_t size = 0; size < compressed.size(); ++size) {
    EXPECT_EQ(MessageOf(Gunzip(compressed.substr(0, size), "a.gz").status()),
              "a.gz: the gzip data end early, after " + std::to_string(size) +
                  " bytes: the file is cut off");
  }
}

TEST(GunzipTest, DamageIsRefusedWithTheReason) {
  const std::string compressed = Gzip("Some text of some length");
  std::string method = compressed;
  method[2] = 9;
  std::string checksum = compressed;
  checksum[compressed.size() - 8] ^= 1;
  std::string length = compressed;
  length[compressed.size() - 4] ^= 1;
  const struct {
    std::string bytes;
    std::string error;
  } table[] = {
      {"text", "a.gz: the gzip data are damaged at byte 2: incorrect header check"},
      {method, "unknown compression method"},
      {checksum, "incorrect data check"},
      {length, "incorrect length check"},
      {compressed + "more", "incorrect header check"},
  };
  for (const auto& broken : table) {
    SCOPED_TRACE(broken.error);
    EXPECT_THAT(MessageOf(Gunzip(broken.bytes, "a.gz").status()), HasSubstr(broken.error));
  }
}

}  // namespace
}  // namespace digits
