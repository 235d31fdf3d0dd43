// The scripts that people start, as far as they get without building anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/e2e/process.h"
#include "tests/temporary_folder.h"

namespace digits {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

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

// A digits-trainer for deploy/models/train that writes down what it is asked, and fails where it is
// asked `failing`.
class TrainScriptTest : public testing::Test {
 protected:
  void Stub(const std::string& failing) const {
    const std::string stub = folder_.Write(
        "trainer", "#!/bin/sh\necho \"$@\" >>'" + folder_.File("calls") + "'\ncase \"$*\" in *'" +
                       failing + "'*) echo no int8; exit 1 ;; esac\n");
    std::filesystem::permissions(stub, std::filesystem::perms::owner_all);
    setenv("DIGITS_TRAINER", stub.c_str(), 1);
  }
  ~TrainScriptTest() override { unsetenv("DIGITS_TRAINER"); }

  // What the stub was asked, in order.
  std::vector<std::string> Calls() const {
    std::ifstream in(folder_.File("calls"));
    std::vector<std::string> calls;
    for (std::string line; std::getline(in, line);) calls.push_back(line);
    return calls;
  }

  const TemporaryFolder folder_;
};

// Before its steps it asks whether teachers can answer in int8, which the stub affirms.
TEST_F(TrainScriptTest, EachStepOfBestGoesOnFromItsCheckpoint) {
  Stub("nothing");
  ASSERT_EQ(Script("deploy/models/train", {"best", "mnist", "b.safetensors", "7"}).exit_code, 0);
  const std::vector<std::string> calls = Calls();
  ASSERT_EQ(calls.size(), 7u);
  const auto step = [](const std::string& command, const std::string& recipe,
                       const std::string& name) {
    return command + " --recipe " + recipe + " --data mnist --output b." + name +
           ".safetensors --checkpoint b." + name + ".checkpoint --resume";
  };
  for (size_t i = 1; i <= 3; ++i) {
    EXPECT_THAT(calls[i], StartsWith(step("fit", "best-teacher", "teacher" + std::to_string(i))));
  }
  EXPECT_EQ(calls[4], step("distill", "best-teacher", "teacher4") +
                          " --seed 14 --dropout 0 --teachers-precision int8 --teachers "
                          "b.teacher1.safetensors,b.teacher2.safetensors,b.teacher3.safetensors");
  EXPECT_EQ(calls[5], step("distill", "best", "f32") +
                          " --seed 7 --teachers-precision int8 --teachers "
                          "b.teacher1.safetensors,b.teacher3.safetensors,b.teacher4.safetensors");
  EXPECT_EQ(calls.back(), "convert b.f32.safetensors --storage i8 --output b.safetensors");
}

TEST_F(TrainScriptTest, TheArticlesNetworkLearnsFromTheShippedBest) {
  Stub("evaluate");
  // By another name of the script, too, it finds what lies beside it.
  const std::string link = folder_.File("learn");
  std::filesystem::create_symlink(DIGITS_SOURCE_DIR "/deploy/models/train", link);
  const Finished run = RunProgram({link, "article-best", "mnist", "a.safetensors"}, folder_.path());
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::vector<std::string> calls = Calls();
  ASSERT_EQ(calls.size(), 3u);
  EXPECT_THAT(calls[1],
              StartsWith("distill --recipe article-best --data mnist --output a.f32.safetensors "
                         "--checkpoint a.f32.checkpoint --resume --checkpoint-every 80 --seed 1 "
                         "--temperature 1 --threads 1 "));
  EXPECT_THAT(calls[1], HasSubstr("--teachers-precision f32 ")) << "int8 was not possible";
  const std::filesystem::path teacher = calls[1].substr(calls[1].rfind(' ') + 1);
  EXPECT_TRUE(teacher.is_relative()) << "a weights file would name folders of this machine";
  EXPECT_TRUE(std::filesystem::equivalent(folder_.path() / teacher,
                                          DIGITS_SOURCE_DIR "/deploy/models/best.safetensors"));
  EXPECT_EQ(calls[2], "convert a.f32.safetensors --storage f32 --output a.safetensors");
}

TEST_F(TrainScriptTest, AStepThatIsStoppedOrRefusedIsTheLast) {
  Stub("teacher1.checkpoint");
  EXPECT_EQ(Script("deploy/models/train", {"best", "mnist", "b.safetensors"}).exit_code, 1);
  EXPECT_EQ(Calls().size(), 2u);
}

TEST_F(TrainScriptTest, WithoutATrainerItSaysWhereToGetOne) {
  setenv("DIGITS_TRAINER", "/no/such/trainer", 1);
  const Finished run = Script("deploy/models/train", {"article", "mnist", "a.safetensors"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("there is no digits-trainer; deploy/quickstart builds it"));
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
      {"deploy/quickstart", {"--http"}, "quickstart: --http needs an address"},
      {"deploy/models/train", {}, "train: it takes a model, data, an output and perhaps a seed"},
      {"deploy/models/train", {"none", "strokes", "x"}, "there is no recipe for a model 'none'"},
      {"deploy/models/train", {"best", "strokes", "x", "one"}, "the seed is 'one'"},
      {"deploy/models/train",
       {"best", "strokes", "x", "12345678901234567890"},
       "at most 19 digits"},
      {"deploy/models/train", {"best", "strokes", "x,y"}, "a comma in the path of the output"},
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
