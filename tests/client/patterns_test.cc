#include "client/patterns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/temporary_folder.h"

namespace digits {
namespace {

using ::testing::ElementsAre;

class PatternsTest : public ::testing::Test {
 protected:
  std::vector<std::string> Expand(const std::vector<std::string>& arguments) {
    const auto paths = ExpandPatterns(arguments);
    EXPECT_TRUE(paths.ok()) << paths.status();
    return paths.ok() ? *paths : std::vector<std::string>();
  }

  TemporaryFolder folder_;
};

TEST_F(PatternsTest, StandForTheFilesThatTheyMatchInNaturalOrder) {
  const std::string ten = folder_.Write("10.png", "");
  const std::string two = folder_.Write("2.png", "");
  const std::string one = folder_.Write("1.jpg", "");
  folder_.Write(".hidden.png", "");
  EXPECT_THAT(Expand({folder_.File("*.png")}), ElementsAre(two, ten));
  EXPECT_THAT(Expand({folder_.File("?.*")}), ElementsAre(one, two));
  EXPECT_THAT(Expand({folder_.File("[0-1]*")}), ElementsAre(one, ten));
}

TEST_F(PatternsTest, KeepTheirPlaceAmongTheArguments) {
  const std::string a = folder_.Write("a", "");
  EXPECT_THAT(Expand({"strokes", folder_.File("?"), "missing", "-"}),
              ElementsAre("strokes", a, "missing", "-"));
}

TEST_F(PatternsTest, AreNamesWhereAFileIsCalledSo) {
  const std::string file = folder_.Write("[a].png", "");
  folder_.Write("a.png", "");
  EXPECT_THAT(Expand({file}), ElementsAre(file));
}

TEST_F(PatternsTest, ThatMatchNothingAreAnError) {
  folder_.Write("a.png", "");
  const std::vector<std::string> arguments = {folder_.File("*.png"), folder_.File("*.jpg")};
  const auto paths = ExpandPatterns(arguments);
  EXPECT_EQ(paths.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(
      std::string(paths.status().message()),
      arguments[1] + ": there is neither a file of that name nor any that the pattern matches");
}

}  // namespace
}  // namespace digits
