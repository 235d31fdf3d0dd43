#include "trainer/data/file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::HasSubstr;

TEST(FileTest, BytesAreReadAsTheyAre) {
  const TemporaryFolder folder;
  const std::string bytes = AsString(SomeBytes(600'000));
  const auto read = ReadDataFile(folder.Write("bytes", bytes));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, bytes);
}

TEST(FileTest, LinkToAFileIsFollowed) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink(folder.Write("bytes", "abc"), folder.path() + "/link");
  const auto read = ReadDataFile(folder.path() + "/link");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, "abc");
}

TEST(FileTest, StartTellsTheSizeOfTheWholeFile) {
  const TemporaryFolder folder;
  const auto start = ReadFileStart(folder.Write("bytes", "abcdef"), 4);
  ASSERT_TRUE(start.ok()) << start.status();
  EXPECT_EQ(start->bytes, "abcd");
  EXPECT_EQ(start->size, 6u);
}

TEST(FileTest, WhatIsNoFileIsRefusedWithoutWaiting) {
  const TemporaryFolder folder;
  const std::string pipe = folder.path() + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string loop = folder.path() + "/loop";
  std::filesystem::create_symlink(loop, loop);
  const struct {
    std::string path;
    std::string error;
  } table[] = {
      {pipe, pipe + ": is a pipe, a socket or a device, not a file"},
      {"/dev/zero", "/dev/zero: is a pipe, a socket or a device, not a file"},
      {folder.path(), folder.path() + ": is a folder, not a file"},
      {loop, loop + ": cannot be read: Too many levels of symbolic links"},
      {folder.path() + "/none", "/none: cannot be read: No such file or directory"},
      {"", ": cannot be read: No such file or directory"},
  };
  for (const auto& broken : table) {
    SCOPED_TRACE(broken.path);
    EXPECT_THAT(MessageOf(ReadDataFile(broken.path).status()), HasSubstr(broken.error));
  }
}

TEST(FileTest, FileLargerThanTheLimitIsRefusedBeforeItIsRead) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("large", "");
  std::filesystem::resize_file(path, kMaxFileBytes + 1);  // takes no room
  EXPECT_EQ(MessageOf(ReadDataFile(path).status()),
            path + ": holds more than 1073741824 bytes, the most that is read");
}

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
