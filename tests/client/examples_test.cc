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
  const absl::StatusOr<Examples> examples = ReadAll(paths, Split::kTest, /*raw=*/false);
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
  const absl::StatusOr<Examples> examples = ReadAll({{folder.path()}}, Split::kTest, /*raw=*/false);
  ASSERT_TRUE(examples.ok()) << examples.status();
  EXPECT_THAT(examples->files, ElementsAre(path));
  EXPECT_THAT(examples->truth, ElementsAre(Optional(3)));
}

// A grey PNG of 64 by 64 with a bar of ink, or with none.
std::string DrawingPng(bool blank) {
  std::string rows(64 * 64, '\xff');
  for (size_t y = 16; !blank && y < 48; ++y) rows.replace(y * 64 + 30, 4, 4, '\0');
  return Png(64, 64, 8, kPngGray, rows);
}

TEST(ExamplesTest, OfBlankAndBrokenPicturesAreMissingAndTheOthersKeepTheirOrder) {
  const TemporaryFolder folder;
  const std::vector<std::string> paths = {
      folder.Write("3.png", DrawingPng(false)), folder.Write("2.png", "text"),
      WriteIdx(folder, "a", 1, "\x04"), folder.Write("1.png", DrawingPng(true)),
      folder.Write("folder/0/x.png", DrawingPng(false))};
  folder.Write("folder/0/y.png", DrawingPng(false).substr(0, 60));
  const absl::StatusOr<Examples> examples =
      ReadAll({{paths[0], paths[1], paths[2], paths[3], folder.File("folder")}}, Split::kTest,
              /*raw=*/false);
  ASSERT_TRUE(examples.ok()) << examples.status();
  EXPECT_THAT(examples->files, ElementsAre(paths[0], "", paths[4]));
  EXPECT_THAT(examples->truth, ElementsAre(std::nullopt, Optional(4), Optional(0)));
  EXPECT_EQ(examples->pixels.size(), 3 * kImagePixels);
  EXPECT_EQ(examples->blank, 1u);
  EXPECT_EQ(examples->broken(), 2u);
  ASSERT_EQ(examples->missing.size(), 3u);
  EXPECT_THAT(MessageOf(examples->missing[0]), HasSubstr("2.png: is no picture"));
  EXPECT_EQ(MessageOf(examples->missing[1]),
            paths[3] + ": is blank: nothing is written on it that stands out");
  EXPECT_THAT(MessageOf(examples->missing[2]), HasSubstr("y.png: is a broken PNG: it is cut off"));
}

TEST(ExamplesTest, AreNormalisedUnlessTheyAreRaw) {
  const TemporaryFolder folder;
  const std::vector<uint8_t> pixels = SomeBytes(kImagePixels);
  const std::string small = folder.Write("a.png", GrayPng(pixels));
  const std::string large = folder.Write("b.png", DrawingPng(false));
  EXPECT_EQ(ReadAll({{small}}, Split::kTest, /*raw=*/true)->pixels, pixels);
  EXPECT_NE(ReadAll({{small}}, Split::kTest, /*raw=*/false)->pixels, pixels);
  EXPECT_GT(ReadAll({{large}}, Split::kTest, /*raw=*/false)->image(0)[14 * 28 + 14], 200);
  const absl::StatusOr<Examples> raw = ReadAll({{large}}, Split::kTest, /*raw=*/true);
  EXPECT_THAT(MessageOf(raw->missing.at(0)), HasSubstr("b.png: has not 28 by 28 pixels"));
}

TEST(ExamplesTest, AreNoneWhereADataSetIsBroken) {
  const TemporaryFolder folder;
  const std::string picture = folder.Write("a.png", DrawingPng(false));
  const std::string idx = folder.Write("idx", IdxImages(2, 28, 28, "short"));
  EXPECT_THAT(MessageOf(ReadAll({{picture, idx}}, Split::kTest, /*raw=*/false).status()),
              HasSubstr(idx));
}

TEST(ExamplesTest, AreNoneWhereAPictureIsMissing) {
  const TemporaryFolder folder;
  const std::string picture = folder.Write("a.png", DrawingPng(false));
  const std::string missing = folder.File("b.png");
  EXPECT_THAT(MessageOf(ReadAll({{picture, missing}}, Split::kTest, /*raw=*/false).status()),
              HasSubstr("cannot open " + missing));
}

TEST(ExamplesTest, AreNoneWhereAnyFileCannotBeRead) {
  const TemporaryFolder folder;
  const std::vector<std::string> paths = {WriteIdx(folder, "a", 1, ""), folder.path() + "/missing"};
  const absl::StatusOr<Examples> examples = ReadAll(paths, Split::kTest, /*raw=*/false);
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
