// digits-trainer fit as its users call it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "server/model/weights_file.h"
#include "tests/e2e/process.h"
#include "tests/trainer/digits_folder.h"

namespace digits {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

using FitCommandTest = DigitsFolderTest;

TEST_F(FitCommandTest, FitWritesWeightsAndHistory) {
  const Finished fit = Fit(
      "a.safetensors", {"--learning-rate", "0.1", "--epochs", "3", "--validation-split", "0.2"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_THAT(fit.out, AllOf(HasSubstr("a.safetensors: 784-16-16-10, "),
                             ContainsRegex("validation: accuracy 0\\.[0-9]{4}, loss")));
  EXPECT_THAT(fit.err, ContainsRegex(
                           "Epoch 3/3\n8/8 - [0-9]+s [0-9]+[mu]?s/step - loss: [0-9.]+ - accuracy: "
                           "[0-9.]+ - val_loss: [0-9.]+ - val_accuracy: [0-9.]+\n"));
  EXPECT_THAT(fit.err, Not(HasSubstr("\x1b"))) << "a bar, and no terminal";

  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  const auto& provenance = weights->network.provenance;
  EXPECT_EQ(provenance.at("data"), kData);
  EXPECT_EQ(provenance.at("data_sha256").size(), 64u);
  EXPECT_EQ(provenance.at("seed"), "1");
  EXPECT_EQ(provenance.at("recipe"),
            "digits-trainer fit --data digits-images-idx3-ubyte --hidden 16,16 --activation relu "
            "--loss cross-entropy --learning-rate 0.1 --momentum 0 --batch 32 --epochs 3 "
            "--validation-split 0.2 --seed 1 --threads 1 --class-names 0,1,2,3,4,5,6,7,8,9");
  EXPECT_EQ(provenance.count("validation_accuracy"), 1u);
  EXPECT_EQ(provenance.count("test_accuracy"), 0u);

  const std::string csv = ReadAll(folder_ / "a.history.csv");
  EXPECT_EQ(std::ranges::count(csv, '\n'), 4) << csv;
  EXPECT_EQ(nlohmann::json::parse(ReadAll(folder_ / "a.history.json"))["val_loss"].size(), 3u);
}

TEST_F(FitCommandTest, CtrlCWritesWhatThereIs) {
  Process fit({DIGITS_TRAINER, "fit", "--data", kData, "--epochs", "1000000"}, folder_);
  while (fit.Running() && fit.Stderr().find("Epoch 2/") == std::string::npos) {
    std::this_thread::sleep_for(5ms);
  }
  fit.Signal(SIGINT);
  EXPECT_EQ(fit.Wait(20s), 1) << fit.Stderr();
  EXPECT_THAT(fit.Stderr(), ContainsRegex("stopped; writing the weights of [0-9.]+ epochs"));
  const auto weights = ReadWeights(folder_ / "model.safetensors");
  EXPECT_TRUE(weights.ok()) << weights.status();
  EXPECT_THAT(ReadAll(folder_ / "model.history.csv"), HasSubstr("\n1,"));
}

TEST_F(FitCommandTest, ADivergedFitLeavesTheOldFile) {
  std::ofstream(folder_ / "a.safetensors") << "good";
  const Finished fit = Fit("a.safetensors", {"--learning-rate", "1e30"});
  EXPECT_EQ(fit.exit_code, 1);
  EXPECT_THAT(fit.err, HasSubstr("digits-trainer: training has diverged"));
  EXPECT_EQ(ReadAll(folder_ / "a.safetensors"), "good");
}

// Streams that take nothing: what is written tells whether that is a failure.
TEST_F(FitCommandTest, AFitWritesItsWeightsWhateverItsStreamsAre) {
  struct Case {
    std::string redirection;
    int exit_code;
    std::string error;  // where stderr is there to be read
  };
  // A reader that has gone; the program's exit code goes to a file.
  const std::string broken = "; echo $? >code; } | true; exit $(cat code)";
  const std::vector<Case> cases = {
      {"2>/dev/full", 0, ""},
      {"2>&-", 0, ""},
      {"2>&1 >out" + broken, 0, ""},
      {">/dev/full", 1, "cannot write the results to stdout: No space left on device"},
      {">&-", 1, "cannot write the results to stdout: Bad file descriptor"},
      {broken, 1, "cannot write the results to stdout: Broken pipe"},
      {">&- 2>&-", 1, ""}};
  for (const Case& streams : cases) {
    SCOPED_TRACE(streams.redirection);
    std::filesystem::remove(folder_ / "a.safetensors");
    // It starts when the reader has gone.
    const bool group = streams.redirection.find("| true") != std::string::npos;
    const Finished fit =
        RunProgram({"/bin/sh", "-c",
                    (group ? "{ sleep 0.1; " : "") + std::string(DIGITS_TRAINER) + " fit --data " +
                        kData + " --output a.safetensors " + streams.redirection},
                   folder_);
    EXPECT_EQ(fit.exit_code, streams.exit_code);
    EXPECT_THAT(fit.err, HasSubstr(streams.error));
    const auto weights = ReadWeights(folder_ / "a.safetensors");
    EXPECT_TRUE(weights.ok()) << weights.status();
    EXPECT_TRUE(std::filesystem::exists(folder_ / "a.history.json"));
  }
}

TEST_F(FitCommandTest, ADeviceHasNoHistoryBesideIt) {
  std::filesystem::create_symlink("/dev/null", folder_ / "nothing");
  const Finished fit = Fit("nothing", {"--epochs", "1"});
  EXPECT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "nothing.history.csv"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "nothing.history.json"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(FitCommandTest, DataMayLieAtAPathThatIsNotUtf8) {
  std::filesystem::rename(folder_ / kData, folder_ / "caf\xe9-images-idx3-ubyte");
  std::filesystem::rename(folder_ / "digits-labels-idx1-ubyte",
                          folder_ / "caf\xe9-labels-idx1-ubyte");
  const Finished fit = Trainer(
      {"fit", "--data", "caf\xe9-images-idx3-ubyte", "--output", "a.safetensors", "--epochs", "1"});
  EXPECT_EQ(fit.exit_code, 0) << fit.err;
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  EXPECT_TRUE(weights.ok()) << weights.status();
}

TEST_F(FitCommandTest, EveryOutputHasAHistoryOfItsOwn) {
  ASSERT_EQ(Fit("run.seed1").exit_code, 0);
  ASSERT_EQ(Fit("run.seed2").exit_code, 0);
  for (const char* const name : {"run.seed1.history.csv", "run.seed2.history.csv",
                                 "run.seed1.history.json", "run.seed2.history.json"}) {
    EXPECT_TRUE(std::filesystem::exists(folder_ / name)) << name;
  }
}

TEST_F(FitCommandTest, TheDefaultBatchIsNoMoreThanThereIs) {
  const Finished fit = Fit("a.safetensors", {"--validation-split", "0.95"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_THAT(fit.err, HasSubstr("\n1/1 - "));
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_THAT(weights->network.provenance.at("recipe"), HasSubstr(" --batch 15 "));
}

TEST_F(FitCommandTest, FitLearnsFromDistortedImages) {
  const std::vector<std::string> flags = {"--epochs",        "2",  "--rotation",      "15",
                                          "--elastic-alpha", "36", "--elastic-sigma", "5"};
  ASSERT_EQ(Fit("plain.safetensors", {"--epochs", "2"}).exit_code, 0);
  const Finished fit = Fit("a.safetensors", flags);
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  const auto plain = ReadWeights(folder_ / "plain.safetensors");
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(plain.ok() && weights.ok());
  EXPECT_NE(plain->network.layers[0].weights, weights->network.layers[0].weights);

  // The file says how, and it makes the same again.
  std::string recipe = weights->network.provenance.at("recipe");
  EXPECT_THAT(recipe, HasSubstr(" --rotation 15 --elastic-alpha 36 --elastic-sigma 5,5"));
  EXPECT_THAT(plain->network.provenance.at("recipe"), Not(HasSubstr("--elastic")));
  recipe.replace(0, std::string("digits-trainer").size(), DIGITS_TRAINER);
  ASSERT_EQ(RunProgram({"/bin/sh", "-c", recipe + " --output b.safetensors"}, folder_).exit_code,
            0);
  EXPECT_EQ(ReadAll(folder_ / "a.safetensors"), ReadAll(folder_ / "b.safetensors"));
}

}  // namespace
}  // namespace digits
