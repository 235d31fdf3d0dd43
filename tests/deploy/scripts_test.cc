// The scripts that people start, as far as they get without building anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/e2e/process.h"

namespace digits {
namespace {

using ::testing::HasSubstr;

Finished Script(const std::string& name, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), std::string(DIGITS_SOURCE_DIR) + "/" + name);
  // Of its own, for the tests may run side by side.
  const std::filesystem::path folder =
      std::filesystem::path(DIGITS_BINARY_DIR) / "tests" /
      (std::string("ScriptsTest.") +
       ::testing::UnitTest::GetInstance()->current_test_info()->name());
  std::filesystem::create_directories(folder);
  return RunProgram(arguments, folder);
}

TEST(ScriptsTest, WrongUsageExitsWithTwoAndSaysWhatIsWrong) {
  const struct {
    std::string script;
    std::vector<std::string> arguments;
    std::string error;
  } kCases[] = {
      {"deploy/quickstart", {"--fast"}, "quickstart: unknown argument '--fast'; see --help"},
      {"deploy/quickstart", {"--data"}, "quickstart: --data needs a path"},
      {"deploy/quickstart", {"--data", "/none"}, "quickstart: --data: there is no /none"},
      {"deploy/quickstart", {"--listen"}, "quickstart: --listen needs an address"},
      {"deploy/models/train", {}, "train: it takes a model, data, an output and perhaps a seed"},
      {"deploy/models/train", {"none", "strokes", "x"}, "there is no recipe for a model 'none'"},
      {"deploy/install-packages", {"bild"}, "there is no group of packages called 'bild'"},
      {"tests/run", {"--fast"}, "tests/run: unknown argument '--fast'; see --help"},
      {"tests/run", {"--data"}, "tests/run: --data names a directory that is not there"},
      {"tests/run", {"--data", "/none"}, "--data names a directory that is not there: /none"},
      {"tests/run", {"--preset"}, "tests/run: --preset needs a name"},
  };
  for (const auto& [script, arguments, error] : kCases) {
    const Finished run = Script(script, arguments);
    EXPECT_EQ(run.exit_code, 2) << script << ::testing::PrintToString(arguments);
    EXPECT_THAT(run.err, HasSubstr(error));
    EXPECT_EQ(run.out, "");
  }
}

TEST(ScriptsTest, HelpTellsTheUsage) {
  for (const char* const script : {"deploy/quickstart", "deploy/models/train", "tests/run"}) {
    const Finished run = Script(script, {"--help"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.out, HasSubstr(std::string("Usage: ") + script));
  }
}

}  // namespace
}  // namespace digits
