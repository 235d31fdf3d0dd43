#include "trainer/data/picture_files.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/temporary_folder.h"
#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::Each;
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
       {"a.png", "a.JPG", "a.jpeg", "a.pbm", "a.pgm", "a.ppm", "a.pnm", "a.raw", "x/.png"}) {
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
