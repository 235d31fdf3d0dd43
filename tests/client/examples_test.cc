#include "client/examples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/temporary_folder.h"
#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

// IDX images of so many blank digits, with labels where there are some.
std::string WriteIdx(const TemporaryFolder& folder, const std::string& name, uint32_t count,
                     const std::string& labels) {
  if (!labels.empty()) folder.Write(name + "-labels-idx1-ubyte", IdxLabels(count, labels));
  return folder.Write(name + "-images-idx3-ubyte",
                      IdxImages(count, 28, 28, std::string(count * kImagePixels, '\0')));
}

TEST(ExamplesTest, AreThoseOfAllFilesInOrder) {
  const TemporaryFolder folder;
  const std::vector<std::string> paths = {WriteIdx(folder, "a", 2, "\x03\x07"),
                                          folder.Write("b.raw", std::string(kImagePixels, '\x2a')),
                                          WriteIdx(folder, "c", 1, "")};
  const absl::StatusOr<Examples> examples = ReadAll(paths, Split::kTest);
  ASSERT_TRUE(examples.ok()) << examples.status();
  EXPECT_EQ(examples->size(), 4);
  EXPECT_EQ(examples->pixels.size(), 4 * kImagePixels);
  EXPECT_EQ(examples->image(2)[0], 0x2a);
  EXPECT_THAT(examples->truth, ElementsAre(Optional(3), Optional(7), std::nullopt, std::nullopt));
  EXPECT_THAT(examples->files, ElementsAre("", "", paths[1], ""));
}

TEST(ExamplesTest, OfAFolderAreNamedByTheirWholePath) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("3/three.raw", std::string(kImagePixels, '\0'));
  const absl::StatusOr<Examples> examples = ReadAll({{folder.path()}}, Split::kTest);
  ASSERT_TRUE(examples.ok()) << examples.status();
  EXPECT_THAT(examples->files, ElementsAre(path));
  EXPECT_THAT(examples->truth, ElementsAre(Optional(3)));
}

TEST(ExamplesTest, AreNoneWhereAnyFileCannotBeRead) {
  const TemporaryFolder folder;
  const std::vector<std::string> paths = {WriteIdx(folder, "a", 1, ""), folder.path() + "/missing"};
  const absl::StatusOr<Examples> examples = ReadAll(paths, Split::kTest);
  ASSERT_FALSE(examples.ok());
  EXPECT_THAT(MessageOf(examples.status()), HasSubstr(paths[1]));
}

TEST(ExamplesTest, MustBeOfClassesThatTheModelKnows) {
  Examples examples;
  examples.truth = {3, std::nullopt, 11};
  examples.files = {"", "", "x/11.png"};
  EXPECT_TRUE(CheckClasses(examples, 12).ok());
  const absl::Status status = CheckClasses(examples, 11);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(status),
            "image 2 (x/11.png) is labelled 11, but the model knows the classes 0 to 10 only");
}

}  // namespace
}  // namespace digits
