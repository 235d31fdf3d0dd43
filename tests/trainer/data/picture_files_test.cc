#include "trainer/data/picture_files.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"
#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;

TEST(PictureFilesTest, OutcomesComeInTheOrderOfThePaths) {
  const TemporaryFolder folder;
  std::vector<std::string> paths;
  for (int i = 0; i < 200; ++i) {
    paths.push_back(folder.Write(std::to_string(i), std::string(784, static_cast<char>(i))));
  }
  const auto outcomes = ReadPictureFiles(paths, Normalizing::kAll, nullptr);
  ASSERT_EQ(outcomes.size(), 200u);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    ASSERT_TRUE(outcomes[i].ok()) << outcomes[i].status();
    EXPECT_THAT(**outcomes[i], Each(static_cast<uint8_t>(i)));
  }
}

TEST(PictureFilesTest, ABrokenFileDoesNotKeepTheOthersFromBeingRead) {
  const TemporaryFolder folder;
  const std::vector<std::string> paths = {folder.Write("a.png", GrayPng(SomeBytes(784))),
                                          folder.Write("b.png", "text"), folder.File("missing.png"),
                                          folder.Write("c.pgm", "P5 3 3 255\n123456789"),
                                          folder.Write("d.raw", std::string(784, 'x'))};
  const auto outcomes = ReadPictureFiles(paths, Normalizing::kOtherSizes, nullptr);
  EXPECT_TRUE(outcomes[0].ok() && outcomes[0]->has_value());
  EXPECT_THAT(MessageOf(outcomes[1].status()), HasSubstr("b.png: is no picture"));
  EXPECT_THAT(MessageOf(outcomes[2].status()), HasSubstr("missing.png: No such file"));
  EXPECT_TRUE(outcomes[3].ok()) << outcomes[3].status();
  EXPECT_TRUE(outcomes[4].ok() && outcomes[4]->has_value());
}

TEST(PictureFilesTest, FormatsThatAreNotReadAreErrorsAndWhatIsNoPictureIsNotReadWhole) {
  const TemporaryFolder folder;
  const std::string heic = folder.Write("a.heic", std::string("\0\0\0 ftypheic", 12));
  // More than is ever read; the disk holds nothing of it.
  const std::string huge = folder.Write("huge.png", "");
  std::filesystem::resize_file(huge, uintmax_t{1} << 31);
  const auto outcomes = ReadPictureFiles({{heic, huge}}, Normalizing::kAll, nullptr);
  EXPECT_THAT(MessageOf(outcomes[0].status()), HasSubstr("a.heic: is no picture: "));
  EXPECT_THAT(MessageOf(outcomes[1].status()),
              HasSubstr("huge.png: is no picture: it is neither PNG nor JPEG nor PBM, PGM or PPM, "
                        "and a raw image has 784 bytes, not 2147483648"));
}

TEST(PictureFilesTest, ProgressTellsOfEachFileThatTheCallingThreadRead) {
  const TemporaryFolder folder;
  std::vector<size_t> told;
  ReadPictureFiles({{folder.Write("a.raw", std::string(784, 'x'))}}, Normalizing::kAll,
                   [&told](size_t done) { told.push_back(done); });
  EXPECT_THAT(told, ElementsAre(1u));
}

TEST(PictureFilesTest, ProgressOnlyGrowsAndIsNeverMoreThanAll) {
  const TemporaryFolder folder;
  const std::vector<std::string> paths(100, folder.Write("a.raw", std::string(784, 'x')));
  std::vector<size_t> told;
  ReadPictureFiles(paths, Normalizing::kAll, [&told](size_t done) { told.push_back(done); });
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_THAT(told, Each(Le(100u)));
}

TEST(PictureFilesTest, PicturesAreKnownByNameOrContent) {
  const TemporaryFolder folder;
  for (const char* const name :
       {"a.png", "a.JPG", "a.jpeg", "a.pbm", "a.pgm", "a.ppm", "a.pnm", "a.raw", "x/.png", "a.HEIC",
        "a.heif", "a.webp", "a.avif", "a.gif", "a.bmp", "a.tif", "a.tiff"}) {
    EXPECT_TRUE(IsNamedAsPicture(name)) << name;
  }
  EXPECT_FALSE(IsNamedAsPicture("png"));
  EXPECT_FALSE(IsNamedAsPicture("a.csv"));
  EXPECT_TRUE(IsPictureFile(folder.Write("b", GrayPng(SomeBytes(784)))));
  EXPECT_TRUE(IsPictureFile(folder.Write("c", "P6 1 1 255\nabc")));
  EXPECT_FALSE(IsPictureFile(folder.Write("d", std::string(784, 'x'))));
  EXPECT_FALSE(IsPictureFile(folder.path()));
}

}  // namespace
}  // namespace digits
