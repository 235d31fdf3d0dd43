// digits-trainer sheet as its users call it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/e2e/process.h"
#include "tests/trainer/digits_folder.h"

namespace digits {
namespace {

using SheetCommandTest = DigitsFolderTest;

TEST_F(SheetCommandTest, SheetDrawsAPng) {
  const Finished sheet = Trainer({"sheet", "--data", kData, "--output", "digits.png"});
  EXPECT_EQ(sheet.exit_code, 0) << sheet.err;
  EXPECT_THAT(ReadAll(folder_ / "digits.png"), testing::StartsWith("\x89PNG"));
}

TEST_F(SheetCommandTest, SheetDrawsDistortedDigits) {
  const auto sheet = [this](const std::string& output, std::vector<std::string> more) {
    std::vector<std::string> arguments = {"sheet", "--data", kData, "--output", output};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished run = Trainer(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return ReadAll(folder_ / output);
  };
  const std::vector<std::string> flags = {
      "--rotation",      "15", "--scale",         "0.15",  "--shear",     "0.1", "--shift", "1.5",
      "--elastic-alpha", "36", "--elastic-sigma", "4.5,6", "--thickness", "0.3", "--noise", "10"};
  std::vector<std::string> other_seed = flags;
  other_seed.insert(other_seed.end(), {"--seed", "2"});
  const std::string plain = sheet("plain.png", {});
  const std::string distorted = sheet("distorted.png", flags);
  EXPECT_NE(distorted, plain);
  EXPECT_EQ(sheet("again.png", flags), distorted);
  EXPECT_NE(sheet("other.png", other_seed), distorted);
  // Each flag does something by itself.
  for (size_t i = 0; i < flags.size(); i += 2) {
    if (flags[i] == "--elastic-sigma") continue;
    EXPECT_NE(sheet("one.png", {flags[i], flags[i + 1]}), plain) << flags[i];
  }
  EXPECT_NE(sheet("rough.png", {"--elastic-alpha", "8", "--elastic-sigma", "2"}),
            sheet("smooth.png", {"--elastic-alpha", "8", "--elastic-sigma", "3"}));
}

}  // namespace
}  // namespace digits
