#include "server/files/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class FileTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.File(name); }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  static std::string Content(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  TemporaryFolder folder_;
};

TEST_F(FileTest, WritesAndReadsEveryByte) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i);
  ASSERT_TRUE(WriteFile(Path("a"), bytes).ok());
  EXPECT_EQ(Content(Path("a")), bytes);
  EXPECT_EQ(ReadFile(Path("a"), 1000).value(), bytes);
}

TEST_F(FileTest, ReplacesAFileAndLeavesNothingElseBehind) {
  ASSERT_TRUE(WriteFile(Path("a"), "a long first version").ok());
  ASSERT_TRUE(WriteFile(Path("a"), "second").ok());
  EXPECT_EQ(Content(Path("a")), "second");
  EXPECT_THAT(Names(), ElementsAre("a"));
}

TEST_F(FileTest, KeepsTheOldFileWhenTheDiskIsFull) {
  ASSERT_TRUE(WriteFile(Path("a"), "old").ok());
  // A limit on the size of files stands in for a disk that fills while it is written.
  struct rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit small = before;
  small.rlim_cur = 4096;
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const absl::Status status = WriteFile(Path("a"), std::string(10'000, 'x'));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);

  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot write " + Path("a")));
  EXPECT_EQ(Content(Path("a")), "old");
  EXPECT_THAT(Names(), ElementsAre("a"));
}

TEST_F(FileTest, KeepsThePermissionsOfTheFileThatItReplaces) {
  ASSERT_TRUE(WriteFile(Path("a"), "old").ok());
  for (const mode_t mode : {0600U, 0664U}) {
    ASSERT_EQ(chmod(Path("a").c_str(), mode), 0);
    ASSERT_TRUE(WriteFile(Path("a"), "new").ok());
    struct stat attributes = {};
    ASSERT_EQ(stat(Path("a").c_str(), &attributes), 0);
    EXPECT_EQ(attributes.st_mode & 07777U, mode);
  }
}

TEST_F(FileTest, WritesThroughSymbolicLinksAndLeavesThem) {
  std::filesystem::create_directory(Path("models"));
  std::filesystem::create_symlink("models/one", Path("current"));
  std::filesystem::create_symlink(Path("current"), Path("served"));
  for (const char* text : {"to where there is nothing", "to a file"}) {
    ASSERT_TRUE(WriteFile(Path("served"), text).ok());
    EXPECT_EQ(Content(Path("models/one")), text);
    EXPECT_TRUE(std::filesystem::is_symlink(Path("served")));
    EXPECT_TRUE(std::filesystem::is_symlink(Path("current")));
    EXPECT_THAT(Names(), UnorderedElementsAre("models", "current", "served"));
  }
}

TEST_F(FileTest, RefusesLinksThatLeadInACircle) {
  std::filesystem::create_symlink("b", Path("a"));
  std::filesystem::create_symlink("a", Path("b"));
  EXPECT_THAT(std::string(WriteFile(Path("a"), "text").message()), HasSubstr(Path("a")));
  EXPECT_THAT(Names(), UnorderedElementsAre("a", "b"));
}

TEST_F(FileTest, WritesToDevicesAndPipesAsTheyAre) {
  // A link, lest a fault replaces the machine's own.
  std::filesystem::create_symlink("/dev/null", Path("null"));
  EXPECT_TRUE(WriteFile(Path("null"), "text").ok());
  EXPECT_TRUE(std::filesystem::is_character_file(Path("null")));

  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  auto reader = std::async(std::launch::async, [this] { return Content(Path("pipe")); });
  EXPECT_TRUE(WriteFile(Path("pipe"), "text").ok());
  EXPECT_EQ(reader.get(), "text");
  EXPECT_TRUE(std::filesystem::is_fifo(Path("pipe")));
  EXPECT_THAT(Names(), UnorderedElementsAre("null", "pipe"));
}

TEST_F(FileTest, RefusesToWriteADirectory) {
  std::filesystem::create_directories(Path("directory/inside"));
  const absl::Status status = WriteFile(Path("directory"), "text");
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot write " + Path("directory")));
  EXPECT_THAT(Names(), ElementsAre("directory"));
}

TEST_F(FileTest, NamesThePathWhereTheDirectoryIsMissing) {
  const absl::Status status = WriteFile(Path("none/a"), "text");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr(Path("none/a")));
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(FileTest, NamesAMissingFile) {
  const absl::Status status = ReadFile(Path("none"), 10).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot open " + Path("none")));
}

TEST_F(FileTest, RefusesAFileAboveTheLimit) {
  ASSERT_TRUE(WriteFile(Path("a"), "12345678901").ok());
  const absl::Status status = ReadFile(Path("a"), 10).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()), Path("a") + " has 11 bytes; at most 10 are read");
}

TEST_F(FileTest, RefusesADirectoryAndDoesNotWaitForAPipe) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  for (const std::string& path : {folder_.path(), Path("pipe")}) {
    const absl::Status status = ReadFile(path, 10).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(std::string(status.message()), path + " is not a regular file");
  }
}

}  // namespace
}  // namespace digits
