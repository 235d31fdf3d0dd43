// digits-trainer as its users call it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "server/model/weights_file.h"
#include "tests/e2e/process.h"
#include "tests/trainer/digits_folder.h"
#include "trainer/data/strokes.h"
#include "trainer/training/checkpoint.h"

namespace digits {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

using CommandLineTest = DigitsFolderTest;

TEST_F(CommandLineTest, FitWritesWeightsAndHistory) {
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

TEST_F(CommandLineTest, TheRecipeInAWeightsFileMakesTheSameBytes) {
  ASSERT_EQ(Fit("a.safetensors", {"--hidden", "", "--class-names", "0,1,2,3,4,5,6,7,8,it's nine"})
                .exit_code,
            0);
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->network.layers.size(), 1u);
  EXPECT_EQ(weights->network.class_names.back(), "it's nine");
  std::string recipe = weights->network.provenance.at("recipe");
  recipe.replace(0, std::string("digits-trainer").size(), DIGITS_TRAINER);
  const Finished again = RunProgram({"/bin/sh", "-c", recipe + " --output b.safetensors"}, folder_);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(ReadAll(folder_ / "a.safetensors"), ReadAll(folder_ / "b.safetensors"));
}

TEST_F(CommandLineTest, EvaluateScoresAndPredicts) {
  ASSERT_EQ(Fit("a.safetensors", {"--learning-rate", "0.1", "--epochs", "60"}).exit_code, 0);
  const Finished text = Trainer({"evaluate", "a.safetensors", "--data", kData});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("images    300\n"), HasSubstr("accuracy  ")));

  const Finished evaluation = Trainer({"evaluate", "a.safetensors", "--data", kData, "--format",
                                       "json", "--predictions", "answers.txt"});
  ASSERT_EQ(evaluation.exit_code, 0) << evaluation.err;
  const auto json = nlohmann::json::parse(evaluation.out);
  EXPECT_EQ(json["images"], 300);
  EXPECT_GT(json["accuracy"], 0.8);

  // The scores follow from the answers.
  const DataSet data = DrawStrokes(300, 1);
  std::vector<std::vector<int>> confusion(10, std::vector<int>(10));
  std::ifstream answers(folder_ / "answers.txt");
  size_t count = 0;
  for (size_t answer = 0; answers >> answer; ++count) {
    ++confusion.at(data.labels.at(count)).at(answer);
  }
  EXPECT_EQ(count, 300u);
  EXPECT_EQ(json["confusion_matrix"], nlohmann::json(confusion));

  const Finished piped =
      Trainer({"evaluate", "a.safetensors", "--data", kData, "--predictions", "-"});
  EXPECT_EQ(piped.out, ReadAll(folder_ / "answers.txt"));
  EXPECT_THAT(piped.err, HasSubstr("accuracy  "));
}

TEST_F(CommandLineTest, EvaluateScoresRobustness) {
  ASSERT_EQ(Fit("a.safetensors", {"--learning-rate", "0.1", "--epochs", "60"}).exit_code, 0);
  const Finished text = Trainer({"evaluate", "a.safetensors", "--data", kData, "--robust"});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out,
              AllOf(HasSubstr("images     300\n"), ContainsRegex("\nshift +1: +[0-9.]+ +2: ")));

  const Finished json = Trainer({"evaluate", "a.safetensors", "--data", kData, "--robust",
                                 "--images", "100", "--format", "json"});
  ASSERT_EQ(json.exit_code, 0) << json.err;
  const auto scores = nlohmann::json::parse(json.out);
  EXPECT_EQ(scores["images"], 100);
  EXPECT_EQ(scores["weights_sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(scores["perturbations"].size(), 34u);
  EXPECT_LT(scores["clean_error"], 0.2);
  EXPECT_GT(scores["mean_error"], scores["clean_error"]);

  const Finished committee = Trainer({"evaluate", "a.safetensors", "a.safetensors", "--data", kData,
                                      "--robust", "--images", "100", "--format", "json"});
  ASSERT_EQ(committee.exit_code, 0) << committee.err;
  const auto both = nlohmann::json::parse(committee.out);
  EXPECT_EQ(both["weights_sha256"].size(), 2u);
  EXPECT_EQ(both["perturbations"], scores["perturbations"]) << "with itself it is itself";
}

TEST_F(CommandLineTest, CtrlCWritesWhatThereIs) {
  Process fit({DIGITS_TRAINER, "fit", "--data", kData, "--epochs", "1000000"}, folder_);
  while (fit.Running() && fit.Stderr().find("Epoch 2/") == std::string::npos) {
    std::this_thread::sleep_for(5ms);
  }
  fit.Signal(SIGINT);
  EXPECT_EQ(fit.Wait(20s), 0) << fit.Stderr();
  EXPECT_THAT(fit.Stderr(), ContainsRegex("stopped; writing the weights of [0-9.]+ epochs"));
  const auto weights = ReadWeights(folder_ / "model.safetensors");
  EXPECT_TRUE(weights.ok()) << weights.status();
  EXPECT_THAT(ReadAll(folder_ / "model.history.csv"), HasSubstr("\n1,"));
}

TEST_F(CommandLineTest, ADivergedFitLeavesTheOldFile) {
  std::ofstream(folder_ / "a.safetensors") << "good";
  const Finished fit = Fit("a.safetensors", {"--learning-rate", "1e30"});
  EXPECT_EQ(fit.exit_code, 1);
  EXPECT_THAT(fit.err, HasSubstr("digits-trainer: training has diverged"));
  EXPECT_EQ(ReadAll(folder_ / "a.safetensors"), "good");
}

// Streams that take nothing: what is written tells whether that is a failure.
TEST_F(CommandLineTest, AFitWritesItsWeightsWhateverItsStreamsAre) {
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

TEST_F(CommandLineTest, HelpThatCannotBeWrittenIsAFailure) {
  const Finished help =
      RunProgram({"/bin/sh", "-c", std::string(DIGITS_TRAINER) + " --help >/dev/full"}, folder_);
  EXPECT_EQ(help.exit_code, 1);
  EXPECT_THAT(help.err, HasSubstr("digits-trainer: cannot write the results to stdout"));
}

TEST_F(CommandLineTest, ADeviceHasNoHistoryBesideIt) {
  std::filesystem::create_symlink("/dev/null", folder_ / "nothing");
  const Finished fit = Fit("nothing", {"--epochs", "1"});
  EXPECT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "nothing.history.csv"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "nothing.history.json"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(CommandLineTest, DataMayLieAtAPathThatIsNotUtf8) {
  std::filesystem::rename(folder_ / kData, folder_ / "caf\xe9-images-idx3-ubyte");
  std::filesystem::rename(folder_ / "digits-labels-idx1-ubyte",
                          folder_ / "caf\xe9-labels-idx1-ubyte");
  const Finished fit = Trainer(
      {"fit", "--data", "caf\xe9-images-idx3-ubyte", "--output", "a.safetensors", "--epochs", "1"});
  EXPECT_EQ(fit.exit_code, 0) << fit.err;
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  EXPECT_TRUE(weights.ok()) << weights.status();
}

TEST_F(CommandLineTest, EveryOutputHasAHistoryOfItsOwn) {
  ASSERT_EQ(Fit("run.seed1").exit_code, 0);
  ASSERT_EQ(Fit("run.seed2").exit_code, 0);
  for (const char* const name : {"run.seed1.history.csv", "run.seed2.history.csv",
                                 "run.seed1.history.json", "run.seed2.history.json"}) {
    EXPECT_TRUE(std::filesystem::exists(folder_ / name)) << name;
  }
}

TEST_F(CommandLineTest, TheDefaultBatchIsNoMoreThanThereIs) {
  const Finished fit = Fit("a.safetensors", {"--validation-split", "0.95"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_THAT(fit.err, HasSubstr("\n1/1 - "));
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_THAT(weights->network.provenance.at("recipe"), HasSubstr(" --batch 15 "));
}

TEST_F(CommandLineTest, TheArticlesRecipeIsTheDefault) {
  ASSERT_EQ(Fit("a.safetensors").exit_code, 0);
  ASSERT_EQ(Fit("b.safetensors", {"--recipe", "article"}).exit_code, 0);
  const auto a = ReadWeights(folder_ / "a.safetensors");
  const auto b = ReadWeights(folder_ / "b.safetensors");
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->network.provenance.at("recipe"), b->network.provenance.at("recipe"));
  EXPECT_EQ(a->network.layers[0].weights, b->network.layers[0].weights);
  EXPECT_EQ(b->network.provenance.at("recipe_name"), "article");
  EXPECT_EQ(b->network.provenance.count("recipe_changes"), 0u);
}

TEST_F(CommandLineTest, FlagsOverrideARecipeAndTheFileSaysSo) {
  std::ofstream(folder_ / "mine.toml") << "# my recipe\n"
                                          "hidden = [24]\n"
                                          "optimizer = \"adamw\"\n"
                                          "learning-rate = 0.002\n"
                                          "weight-decay = 0.01\n"
                                          "outliers = 0.25\n"
                                          "epochs = 50\n";
  const Finished fit =
      Fit("a.safetensors", {"--recipe", "mine.toml", "--epochs", "2", "--ema", "0.9"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_THAT(fit.out, HasSubstr("a.safetensors: 784-24-10, epochs 2\n"));
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  const auto& provenance = weights->network.provenance;
  EXPECT_EQ(provenance.at("recipe_name"), "mine.toml");
  EXPECT_EQ(provenance.at("recipe_changes"), "--ema 0.9 --epochs 2");

  // What the file says of itself makes it again, without the recipe.
  std::string recipe = provenance.at("recipe");
  EXPECT_THAT(recipe, AllOf(HasSubstr(" --hidden 24 "), HasSubstr(" --optimizer adamw "),
                            HasSubstr(" --outliers 0.25 "), HasSubstr(" --epochs 2 ")));
  recipe.replace(0, std::string("digits-trainer").size(), DIGITS_TRAINER);
  ASSERT_EQ(RunProgram({"/bin/sh", "-c", recipe + " --output b.safetensors"}, folder_).exit_code,
            0);
  const auto again = ReadWeights(folder_ / "b.safetensors");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(weights->network.layers[0].weights, again->network.layers[0].weights);
}

TEST_F(CommandLineTest, AFlagOverridesWhatItRulesOutInARecipe) {
  std::ofstream(folder_ / "mine.toml") << "classes = 12\nepochs = 1\n";
  const Finished fit =
      Fit("a.safetensors", {"--recipe", "mine.toml", "--class-names", "a,b,c,d,e,f,g,h,i,j",
                            "--momentum", "0.9", "--nesterov"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_THAT(weights->network.class_names, testing::SizeIs(10));
  EXPECT_EQ(weights->network.class_names.front(), "a");
  EXPECT_EQ(weights->network.provenance.at("recipe_changes"),
            "--momentum 0.9 --nesterov --class-names a,b,c,d,e,f,g,h,i,j");
}

TEST_F(CommandLineTest, TheBuiltInRecipesFit) {
  for (const char* const recipe : {"article", "article-best", "best"}) {
    const Finished fit =
        Fit("a.safetensors", {"--recipe", recipe, "--epochs", "2", "--batch", "64"});
    EXPECT_EQ(fit.exit_code, 0) << recipe << ": " << fit.err;
  }
}

TEST_F(CommandLineTest, AResumedFitIsTheSameAsAWholeOne) {
  const std::vector<std::string> flags = {"--epochs", "400", "--optimizer", "adamw"};
  ASSERT_EQ(Fit("whole.safetensors", flags).exit_code, 0);
  std::vector<std::string> command = {DIGITS_TRAINER, "fit",          "--data",
                                      kData,          "--output",     "a.safetensors",
                                      "--checkpoint", "a.checkpoint", "--resume"};
  command.insert(command.end(), flags.begin(), flags.end());
  Process first(command, folder_);
  while (first.Running() && first.Stderr().find("Epoch 20/") == std::string::npos) {
    std::this_thread::sleep_for(5ms);
  }
  first.Signal(SIGINT);
  ASSERT_EQ(first.Wait(20s), 0) << first.Stderr();
  for (const char* const name : {"a.checkpoint.0123abcd.tmp", "a.checkpoint.original.tmp"}) {
    std::ofstream(folder_ / name) << "half";
  }
  const Finished rest = RunProgram(command, folder_);
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_THAT(rest.err, ContainsRegex("resumed after epoch [0-9]+/400\n"));
  EXPECT_EQ(ReadAll(folder_ / "whole.safetensors"), ReadAll(folder_ / "a.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.checkpoint.0123abcd.tmp")) << "a leftover";
  EXPECT_TRUE(std::filesystem::exists(folder_ / "a.checkpoint.original.tmp")) << "somebody's";

  const Finished other =
      Fit("a.safetensors", {"--epochs", "3", "--checkpoint", "a.checkpoint", "--resume"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, AllOf(HasSubstr("a.checkpoint: it is a checkpoint of another fit"),
                               HasSubstr("epochs is 400 there and 3 here")));
}

TEST_F(CommandLineTest, FitLearnsFromDistortedImages) {
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

TEST_F(CommandLineTest, ARecipeCanDistort) {
  std::ofstream(folder_ / "mine.toml") << "epochs = 2\nshift = 2\nelastic-sigma = \"4,5\"\n"
                                          "elastic-alpha = 10\n";
  const Finished fit = Fit("a.safetensors", {"--recipe", "mine.toml", "--shift", "1"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_THAT(weights->network.provenance.at("recipe"),
              HasSubstr(" --shift 1 --elastic-alpha 10 --elastic-sigma 4,5"));
  EXPECT_EQ(weights->network.provenance.at("recipe_changes"), "--shift 1");
}

TEST_F(CommandLineTest, ACheckpointIsOfOneDistortion) {
  ASSERT_EQ(Fit("a.safetensors", {"--checkpoint", "a.checkpoint", "--rotation", "10"}).exit_code,
            0);
  const Finished other =
      Fit("a.safetensors", {"--checkpoint", "a.checkpoint", "--resume", "--rotation", "15"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("rotation is 10 there and 15 here"));
  EXPECT_EQ(Fit("a.safetensors", {"--checkpoint", "a.checkpoint", "--resume"}).exit_code, 1);
}

// A limit on the size of files stands for a disk that is full.
TEST_F(CommandLineTest, AFullDiskLosesNothing) {
  ASSERT_EQ(Fit("a.safetensors", {"--checkpoint", "a.checkpoint", "--epochs", "1"}).exit_code, 0);
  const std::string checkpoint = ReadAll(folder_ / "a.checkpoint");
  const std::string weights = ReadAll(folder_ / "a.safetensors");
  const std::string command = std::string(DIGITS_TRAINER) + " fit --data " + kData +
                              " --output a.safetensors --epochs 1 --seed 2 ";
  const Finished full = RunProgram(
      {"/bin/bash", "-c", "ulimit -f 20; " + command + "--checkpoint c.checkpoint"}, folder_);
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_THAT(full.err, AllOf(HasSubstr("no checkpoint of this epoch, the one before stays: "),
                              HasSubstr("cannot write c.checkpoint"),
                              HasSubstr("digits-trainer: cannot write a.safetensors")));
  EXPECT_EQ(ReadAll(folder_ / "a.safetensors"), weights);
  EXPECT_EQ(ReadAll(folder_ / "a.checkpoint"), checkpoint);
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
  }
}

// One step an epoch: the first one's weights are numbers still, but what they answer is none.
TEST_F(CommandLineTest, ADivergedFitLeavesTheLastGoodCheckpoint) {
  const Finished fit = Fit("a.safetensors", {"--learning-rate", "1e18", "--batch", "300",
                                             "--epochs", "5", "--checkpoint", "c"});
  EXPECT_EQ(fit.exit_code, 1);
  EXPECT_THAT(fit.err,
              ContainsRegex("training has diverged: the loss of step 2 \\(batch 1 of epoch "
                            "2\\) is .*try a lower learning rate"));
  const auto checkpoint = ReadCheckpoint(folder_ / "c");
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->history.size(), 1u);
}

TEST_F(CommandLineTest, DistilsACommitteeIntoAStudentOfAnOrdinaryKind) {
  const std::vector<std::string> flags = {"--learning-rate", "0.1", "--epochs", "60"};
  ASSERT_EQ(Fit("a.safetensors", flags).exit_code, 0);
  ASSERT_EQ(
      Fit("b.safetensors", {"--learning-rate", "0.1", "--epochs", "60", "--seed", "2"}).exit_code,
      0);
  const Finished distil =
      Trainer({"distill", "--teachers", "a.safetensors,b.safetensors", "--data", kData, "--output",
               "s.safetensors", "--hidden", "24", "--learning-rate", "0.05", "--epochs", "60"});
  ASSERT_EQ(distil.exit_code, 0) << distil.err;
  const auto student = ReadWeights(folder_ / "s.safetensors");
  ASSERT_TRUE(student.ok()) << student.status();
  EXPECT_THAT(student->network.provenance.at("recipe"),
              testing::StartsWith("digits-trainer distill --data digits-images-idx3-ubyte "
                                  "--teachers a.safetensors,b.safetensors --temperature 2 "
                                  "--hard-share 0 --hidden 24 "));
  const auto a = ReadWeights(folder_ / "a.safetensors");
  const auto b = ReadWeights(folder_ / "b.safetensors");
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(student->network.provenance.at("teachers_sha256"), a->sha256 + "," + b->sha256);
  const Finished others = Trainer({"distill", "--teachers", "a.safetensors", "--data", kData,
                                   "--output", "t.safetensors", "--classes", "11"});
  EXPECT_EQ(others.exit_code, 2);
  EXPECT_THAT(others.err, HasSubstr("the teachers' classes are called 0,1,2,3,4,5,6,7,8,9, and the "
                                    "student's cannot be 0,1,2,3,4,5,6,7,8,9,10"));
  const Finished scores =
      Trainer({"evaluate", "s.safetensors", "--data", kData, "--format", "json"});
  EXPECT_GT(nlohmann::json::parse(scores.out)["accuracy"], 0.8);
}

TEST_F(CommandLineTest, EvaluateScoresSeveralFilesAsOneCommittee) {
  ASSERT_EQ(Fit("a.safetensors", {"--learning-rate", "0.1", "--epochs", "20"}).exit_code, 0);
  ASSERT_EQ(
      Fit("b.safetensors", {"--learning-rate", "0.1", "--epochs", "20", "--seed", "2"}).exit_code,
      0);
  const auto score = [&](std::vector<std::string> files) {
    files.insert(files.begin(), "evaluate");
    for (const char* const flag : {"--data", kData, "--format", "json"}) files.emplace_back(flag);
    return nlohmann::json::parse(Trainer(files).out);
  };
  const auto a = score({"a.safetensors"});
  const auto twice = score({"a.safetensors", "a.safetensors"});
  EXPECT_EQ(a["confusion_matrix"], twice["confusion_matrix"]) << "with itself it is itself";
  EXPECT_TRUE(a["weights_sha256"].is_string());
  const auto both = score({"a.safetensors", "b.safetensors"});
  EXPECT_EQ(both["weights_sha256"].size(), 2u);
  // By Jensen's inequality the mean of the probabilities costs less than the mean of the costs.
  EXPECT_LT(both["loss"].get<double>(),
            (a["loss"].get<double>() + score({"b.safetensors"})["loss"].get<double>()) / 2);
}

TEST_F(CommandLineTest, ConvertKeepsTheNetworkInFewerBytes) {
  ASSERT_EQ(Fit("a.safetensors", {"--epochs", "1"}).exit_code, 0);
  const auto original = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(original.ok()) << original.status();
  const struct {
    const char* type;
    StorageType storage;
    double bytes;     // a weight
    float tolerance;  // half a step of weights below 0.5
  } kTypes[] = {{"f32", StorageType::kF32, 4, 0},
                {"f16", StorageType::kF16, 2, 0x1p-13f},
                {"bf16", StorageType::kBf16, 2, 0x1p-10f},
                {"i8", StorageType::kI8, 1, 0.5f / 127 / 2 + 1e-6f}};
  for (const auto& [type, storage, bytes, tolerance] : kTypes) {
    const Finished convert =
        Trainer({"convert", "a.safetensors", "--storage", type, "--output", "b.safetensors"});
    ASSERT_EQ(convert.exit_code, 0) << convert.err;
    const auto converted = ReadWeights(folder_ / "b.safetensors");
    ASSERT_TRUE(converted.ok()) << converted.status();
    EXPECT_EQ(converted->storage, storage);
    EXPECT_EQ(convert.out, "b.safetensors: 784-16-16-10, sha256 " + converted->sha256 + "\n");
    EXPECT_EQ(converted->network.provenance, original->network.provenance);
    EXPECT_NEAR(static_cast<double>(std::filesystem::file_size(folder_ / "b.safetensors")),
                12'960 * bytes, 3000);
    const std::vector<float>& weights = converted->network.layers[0].weights;
    for (size_t i = 0; i < weights.size(); ++i) {
      ASSERT_NEAR(weights[i], original->network.layers[0].weights[i], tolerance) << type;
    }
  }
}

TEST_F(CommandLineTest, ConvertMayReplaceItsInput) {
  ASSERT_EQ(Fit("a.safetensors", {"--epochs", "1"}).exit_code, 0);
  for (int i = 0; i < 2; ++i) {
    const Finished convert =
        Trainer({"convert", "a.safetensors", "--storage", "i8", "--output", "a.safetensors"});
    ASSERT_EQ(convert.exit_code, 0) << convert.err;
  }
  const auto converted = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(converted.ok()) << converted.status();
  EXPECT_EQ(converted->storage, StorageType::kI8);
}

TEST_F(CommandLineTest, CalibrateAddsWhatItMeasuresToTheWeights) {
  const std::vector<std::string> fit = {"--learning-rate",    "0.1", "--epochs", "3",
                                        "--validation-split", "0.3", "--seed",   "5"};
  ASSERT_EQ(Fit("a.safetensors", fit).exit_code, 0);
  const Finished run =
      Trainer({"calibrate", "a.safetensors", "--data", kData, "--output", "b.safetensors"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "") << "it takes the fit's own split";
  EXPECT_THAT(run.out, AllOf(HasSubstr("b.safetensors: 784-16-16-10, calibrated on 90 validation"),
                             ContainsRegex("negative log-likelihood +[0-9.]+ +[0-9.]+\n"),
                             ContainsRegex("expected calibration error +[0-9.]+ +[0-9.]+\n")));
  const auto before = ReadWeights(folder_ / "a.safetensors");
  const auto after = ReadWeights(folder_ / "b.safetensors");
  ASSERT_TRUE(before.ok() && after.ok()) << after.status();
  EXPECT_EQ(after->network.layers[0].weights, before->network.layers[0].weights);
  EXPECT_NE(after->network.temperature, 1);
  EXPECT_EQ(after->network.input_ranges.size(), 2u);
  EXPECT_TRUE(after->network.digit_threshold.has_value());
  EXPECT_EQ(after->network.provenance.at("seed"), "5");
  EXPECT_EQ(after->network.provenance.at("calibration"),
            "digits-trainer calibrate --data digits-images-idx3-ubyte --validation-split 0.3");

  const Finished other = Trainer({"calibrate", "a.safetensors", "--data", kData, "--output",
                                  "c.safetensors", "--validation-split", "0.2"});
  EXPECT_EQ(other.exit_code, 0) << other.err;
  EXPECT_THAT(other.err, HasSubstr("does not say that its fit kept these images out"));
}

TEST_F(CommandLineTest, CalibrateRefusesASplitThatLeavesNothing) {
  ASSERT_EQ(Fit("a.safetensors", {"--epochs", "1"}).exit_code, 0);
  for (const auto& [split, message] :
       {std::pair{"0", "the validation split is 0"}, std::pair{"1", "the validation split is 1"},
        std::pair{"0.001", "leaves 0 of 300 images to validate"}}) {
    const Finished run = Trainer({"calibrate", "a.safetensors", "--data", kData, "--output",
                                  "b.safetensors", "--validation-split", split});
    EXPECT_EQ(run.exit_code, 2) << split;
    EXPECT_THAT(run.err, HasSubstr(message));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "b.safetensors"));
  }
}

TEST_F(CommandLineTest, FitCalibratesByTheImagesThatItKeepsOut) {
  const std::vector<std::string> flags = {"--learning-rate", "0.1", "--epochs", "3"};
  ASSERT_EQ(Fit("plain.safetensors", flags).exit_code, 0);
  std::vector<std::string> with_split = flags;
  with_split.insert(with_split.end(), {"--validation-split", "0.3"});
  const Finished fit = Fit("a.safetensors", with_split);
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_THAT(fit.out, ContainsRegex("\ncalibration: temperature [0-9.]+, loss [0-9.]+"));
  ASSERT_EQ(
      Trainer({"calibrate", "a.safetensors", "--data", kData, "--output", "b.safetensors"}).err,
      "");

  const auto plain = ReadWeights(folder_ / "plain.safetensors");
  const auto fitted = ReadWeights(folder_ / "a.safetensors");
  const auto calibrated = ReadWeights(folder_ / "b.safetensors");
  ASSERT_TRUE(plain.ok() && fitted.ok() && calibrated.ok());
  EXPECT_NE(fitted->network.temperature, 1);
  EXPECT_EQ(fitted->network.temperature, calibrated->network.temperature);
  EXPECT_EQ(fitted->network.input_ranges.size(), 2u);
  EXPECT_EQ(fitted->network.input_ranges, calibrated->network.input_ranges);
  EXPECT_TRUE(fitted->network.digit_threshold.has_value());
  EXPECT_EQ(fitted->network.digit_threshold, calibrated->network.digit_threshold);
  EXPECT_EQ(plain->network.temperature, 1);
  EXPECT_TRUE(plain->network.input_ranges.empty());
  EXPECT_FALSE(plain->network.digit_threshold.has_value());
}

TEST_F(CommandLineTest, AFitThatCannotBeCalibratedIsWrittenAllTheSame) {
  const Finished fit =
      Fit("a.safetensors", {"--epochs", "1", "--classes", "11", "--validation-split", "0.3"});
  EXPECT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_THAT(fit.err, ContainsRegex("\nnot calibrated: .* has no image of class '10'"));
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->network.temperature, 1);
}

TEST_F(CommandLineTest, CalibrateNotesItsDataAsAShellTakesThem) {
  ASSERT_EQ(Fit("a.safetensors", {"--epochs", "1"}).exit_code, 0);
  std::filesystem::create_directory(folder_ / "it's mine");
  for (const char* const file : {"digits-images-idx3-ubyte", "digits-labels-idx1-ubyte"}) {
    std::filesystem::copy_file(folder_ / file, folder_ / "it's mine" / file);
  }
  const Finished run = Trainer({"calibrate", "a.safetensors", "--data",
                                std::string("it's mine/") + kData, "--output", "a.safetensors"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->network.provenance.at("calibration"),
            "digits-trainer calibrate --data 'it'\\''s mine/digits-images-idx3-ubyte' "
            "--validation-split 0.1");
}

TEST_F(CommandLineTest, EvaluateComputesInThePrecisionThatIsAskedFor) {
  const Finished fit = Fit(
      "a.safetensors", {"--learning-rate", "0.1", "--epochs", "3", "--validation-split", "0.3"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  const auto evaluate = [this](const std::string& weights, const std::string& precision) {
    return Trainer(
        {"evaluate", weights, "--data", kData, "--format", "json", "--precision", precision});
  };
  const Finished f32 = evaluate("a.safetensors", "f32");
  ASSERT_EQ(f32.exit_code, 0) << f32.err;
  EXPECT_EQ(nlohmann::json::parse(f32.out)["precision"], "f32");
  const Finished plain =
      Trainer({"evaluate", "a.safetensors", "--data", kData, "--format", "json"});
  EXPECT_EQ(plain.out, f32.out);
  const Finished int8 = evaluate("a.safetensors", "int8");
  if (int8.exit_code == 0) {
    const auto json = nlohmann::json::parse(int8.out);
    EXPECT_EQ(json["precision"], "int8");
    EXPECT_NE(json["loss"], nlohmann::json::parse(f32.out)["loss"]);
  } else {
    EXPECT_THAT(int8.err, HasSubstr("a.safetensors: int8 would be computed wrongly here"));
  }

  ASSERT_EQ(Fit("bare.safetensors", {"--epochs", "1"}).exit_code, 0);
  const Finished bare = evaluate("bare.safetensors", "int8");
  EXPECT_EQ(bare.exit_code, 1);
  EXPECT_THAT(bare.err, ContainsRegex("bare.safetensors: (.*has no input ranges, which int8 needs|"
                                      "int8 would be computed wrongly here)"));
}

TEST_F(CommandLineTest, ConvertWritesToAPipe) {
  ASSERT_EQ(Fit("a.safetensors", {"--epochs", "1"}).exit_code, 0);
  const Finished run =
      RunProgram({"/bin/sh", "-c",
                  std::string(DIGITS_TRAINER) +
                      " convert a.safetensors --storage i8 --output /dev/stdout | cat > b"},
                 folder_);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto piped = ReadWeights(folder_ / "b");
  ASSERT_TRUE(piped.ok()) << piped.status();
  EXPECT_EQ(piped->storage, StorageType::kI8);
  EXPECT_THAT(run.err, HasSubstr("/dev/stdout: 784-16-16-10, sha256 " + piped->sha256));
}

TEST_F(CommandLineTest, TeachersTeachTheSameCalibratedOrNot) {
  ASSERT_EQ(Fit("plain.safetensors", {"--learning-rate", "0.1", "--epochs", "3"}).exit_code, 0);
  ASSERT_EQ(
      Trainer({"calibrate", "plain.safetensors", "--data", kData, "--output", "a.safetensors"})
          .exit_code,
      0);
  std::vector<std::vector<float>> students;
  for (const char* const teacher : {"plain.safetensors", "a.safetensors"}) {
    const Finished distil = Trainer({"distill", "--teachers", teacher, "--data", kData, "--output",
                                     "s.safetensors", "--epochs", "2"});
    ASSERT_EQ(distil.exit_code, 0) << distil.err;
    const auto student = ReadWeights(folder_ / "s.safetensors");
    ASSERT_TRUE(student.ok()) << student.status();
    students.push_back(student->network.layers[0].weights);
  }
  // Calibration centres the last layer, which rounds its answers otherwise.
  EXPECT_THAT(students[0], testing::Pointwise(testing::FloatNear(1e-4f), students[1]));
}

TEST_F(CommandLineTest, EvaluateSaysHowHonestConfidencesAre) {
  ASSERT_EQ(Fit("a.safetensors", {"--learning-rate", "0.1"}).exit_code, 0);
  const Finished text = Trainer({"evaluate", "a.safetensors", "--data", kData});
  EXPECT_THAT(text.out, AllOf(ContainsRegex("loss +[0-9.]+  .negative log-likelihood.\n"),
                              ContainsRegex("ECE +0\\.[0-9]{4}  ")));
  const Finished json = Trainer({"evaluate", "a.safetensors", "--data", kData, "--format", "json"});
  const double error = nlohmann::json::parse(json.out)["expected_calibration_error"];
  EXPECT_GT(error, 0);
  EXPECT_LT(error, 1);
}

TEST_F(CommandLineTest, EvaluateScoresDigitsAgainstWhatIsNone) {
  ASSERT_EQ(Fit("a.safetensors", {"--learning-rate", "0.1", "--epochs", "1"}).exit_code, 0);
  const Finished text = Trainer({"evaluate", "a.safetensors", "--data", kData, "--digit-score"});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(ContainsRegex("\nblanks +[01]\\.[0-9]{4}\n"),
                              ContainsRegex("\nchecks \\* +[01]\\.[0-9]{4}\n"),
                              ContainsRegex("\nmean +[01]\\.[0-9]{4}\n")));
  const Finished json =
      Trainer({"evaluate", "a.safetensors", "--data", kData, "--digit-score", "--format", "json"});
  EXPECT_EQ(nlohmann::json::parse(json.out).size(), 14u);
}

TEST_F(CommandLineTest, SheetDrawsAPng) {
  const Finished sheet = Trainer({"sheet", "--data", kData, "--output", "digits.png"});
  EXPECT_EQ(sheet.exit_code, 0) << sheet.err;
  EXPECT_THAT(ReadAll(folder_ / "digits.png"), testing::StartsWith("\x89PNG"));
}

TEST_F(CommandLineTest, SheetDrawsDistortedDigits) {
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

TEST_F(CommandLineTest, ReportWritesAPageWithTheFiguresOfEvaluate) {
  ASSERT_EQ(Fit("a.safetensors", {"--learning-rate", "0.1", "--epochs", "20"}).exit_code, 0);
  const Finished report =
      Trainer({"report", "a.safetensors", "--data", kData, "--robust", "--output", "a.html"});
  ASSERT_EQ(report.exit_code, 0) << report.err;
  const std::string page = ReadAll(folder_ / "a.html");
  const Finished evaluation =
      Trainer({"evaluate", "a.safetensors", "--data", kData, "--format", "json"});
  const auto json = nlohmann::json::parse(evaluation.out);
  const int wrong = json["images"].get<int>() - json["correct"].get<int>();
  EXPECT_THAT(page, AllOf(HasSubstr("<dd id=\"wrong\">" + std::to_string(wrong) + "</dd>"),
                          HasSubstr(json["weights_sha256"].get<std::string>()),
                          HasSubstr("<polyline"), HasSubstr("id=\"robustness\"")));
  std::filesystem::remove(folder_ / "a.history.csv");
  ASSERT_EQ(Trainer({"report", "a.safetensors", "--data", kData}).exit_code, 0);
  EXPECT_THAT(ReadAll(folder_ / "report.html"),
              AllOf(HasSubstr("There is no history of its epochs"), Not(HasSubstr("<polyline")),
                    Not(HasSubstr("id=\"robustness\""))));
}

TEST_F(CommandLineTest, FitWritesTheReportThatReportWrites) {
  ASSERT_EQ(Fit("a.safetensors", {"--report", "a.html"}).exit_code, 0);
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_THAT(weights->network.provenance.at("recipe"), Not(HasSubstr("--report")));
  const Finished report = Trainer({"report", "a.safetensors", "--data", kData, "--history",
                                   "a.history.csv", "--output", "b.html"});
  ASSERT_EQ(report.exit_code, 0) << report.err;
  const std::string page = ReadAll(folder_ / "a.html");
  EXPECT_EQ(page, ReadAll(folder_ / "b.html"));
  EXPECT_THAT(page, HasSubstr("It was fitted to these very images")) << "there are no others";
}

TEST_F(CommandLineTest, AFitWhoseReportCannotBeWrittenStillSaysWhatItsWeightsAreWorth) {
  const Finished fit = Fit("a.safetensors", {"--epochs", "1", "--report", "/dev/full"});
  EXPECT_EQ(fit.exit_code, 1);
  EXPECT_THAT(fit.err, HasSubstr("/dev/full"));
  EXPECT_THAT(fit.out, HasSubstr("a.safetensors: 784-16-16-10, epochs 1\n"));
  EXPECT_TRUE(ReadWeights(folder_ / "a.safetensors").ok());
}

TEST_F(CommandLineTest, ClassNamesAreTextInTheReport) {
  const Finished fit = Fit("a.safetensors", {"--class-names", "<b>,&,\",',4,5,6,7,8,9", "--report",
                                             "a.html", "--epochs", "1"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_THAT(
      ReadAll(folder_ / "a.html"),
      AllOf(HasSubstr("<th scope=\"row\">&lt;b&gt;</th>"),
            HasSubstr("<th scope=\"row\">&amp;</th>"), HasSubstr("<th scope=\"row\">&quot;</th>"),
            HasSubstr("<th scope=\"row\">&#39;</th>"), Not(HasSubstr("<b><"))));
}

TEST_F(CommandLineTest, AReportThatDoesNotFitLeavesTheOldOne) {
  ASSERT_EQ(Fit("a.safetensors", {"--epochs", "1"}).exit_code, 0);
  std::ofstream(folder_ / "a.html") << "the old page";
  // No file may have more than 16 blocks of 512 bytes.
  const Finished report =
      RunProgram({"/bin/sh", "-c",
                  std::string("ulimit -f 16; exec ") + DIGITS_TRAINER +
                      " report a.safetensors --data " + kData + " --output a.html"},
                 folder_);
  EXPECT_EQ(report.exit_code, 1);
  EXPECT_THAT(report.err, HasSubstr("a.html"));
  EXPECT_EQ(ReadAll(folder_ / "a.html"), "the old page");
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
  }
}

TEST_F(CommandLineTest, WhatMakesNoSenseIsRefusedWithASentence) {
  struct Case {
    std::vector<std::string> arguments;
    std::string message;
  };
  const std::vector<Case> cases = {
      {{}, "subcommand is required"},
      {{"train"}, "subcommand is required"},
      {{"fit", "--data", kData, "--epochs", "0"}, "0 epochs cannot be trained"},
      {{"fit", "--data", kData, "--epochs", "many"}, "--epochs"},
      {{"fit", "--data", kData, "--batch", "0"}, "a batch has 0 images"},
      {{"fit", "--data", kData, "--batch", "301"}, "more than the 300 there are"},
      {{"fit", "--data", kData, "--learning-rate", "0"}, "the learning rate is 0"},
      {{"fit", "--data", kData, "--learning-rate", "nan"}, "the learning rate is nan"},
      {{"fit", "--data", kData, "--learning-rate", "inf"}, "the learning rate is inf"},
      {{"fit", "--data", kData, "--learning-rate", "1e300"}, "within a float's range"},
      {{"fit", "--data", kData, "--learning-rate", "1e-300"}, "within a float's range"},
      {{"fit", "--data", kData, "--learning-rate", "1e999999"}, "learning rate is inf"},
      {{"fit", "--data", kData, "--momentum", "1"}, "the momentum is 1"},
      {{"fit", "--data", kData, "--momentum", "nan"}, "the momentum is nan"},
      {{"fit", "--data", kData, "--momentum", "0.999999999"}, "as a float, less than 1"},
      {{"fit", "--data", kData, "--validation-split", "nan"}, "the validation split is nan"},
      {{"fit", "--data", kData, "--epochs", "99999999999999999999"}, "--epochs"},
      {{"fit", "--data", kData, "--validation-split", "1"}, "the validation split is 1"},
      {{"fit", "--data", kData, "--validation-split", "0.001"}, "0 to validate"},
      {{"fit", "--data", kData, "--hidden", "16,0"}, "a hidden layer is 0 wide"},
      {{"fit", "--data", kData, "--hidden", "16,,16"}, "'16,,16' is not a list"},
      {{"fit", "--data", kData, "--hidden", "9999999"}, "a hidden layer is 9999999 wide"},
      {{"fit", "--data", kData, "--activation", "gelu"}, "gelu not in {relu,sigmoid,tanh}"},
      {{"fit", "--data", kData, "--loss", "hinge"}, "hinge not in {cross-entropy,mse}"},
      {{"fit", "--data", kData, "--seed", "-1"}, "-1 is no whole number from 0"},
      {{"fit", "--data", kData, "--seed", "18446744073709551616"}, "is no whole number from 0"},
      {{"fit", "--data", kData, "--threads", "0"}, "0 threads cannot be used"},
      {{"fit", "--data", kData, "--classes", "1"}, "--classes"},
      {{"fit", "--data", kData, "--class-names", "a,a"}, "two classes are called 'a'"},
      {{"fit", "--data", kData, "--class-names", "a,caf\xe9"}, "a class name is not UTF-8"},
      {{"fit", "--data", kData, "--class-names", "a,b\n"}, "holds a control character"},
      {{"fit", "--data", kData, "--output", "no/such/a.safetensors"}, "there is no directory"},
      {{"fit", "--data", kData, "--output", "."}, "is a directory"},
      {{"fit", "--data", kData, "surplus"}, "surplus"},
      {{"fit", "--data", kData, "--dropout", "1"}, "the dropout is 1"},
      {{"fit", "--data", kData, "--outliers", "1"}, "the share of outliers is 1"},
      {{"fit", "--data", kData, "--rotation", "181"}, "rotation"},
      {{"fit", "--data", kData, "--elastic-sigma", "a"}, "'a' is not a number or two"},
      {{"fit", "--data", kData, "--ema", "1"}, "(ema) is 1"},
      {{"fit", "--data", kData, "--label-smoothing", "1"}, "the label smoothing is 1"},
      {{"fit", "--data", kData, "--nesterov"}, "needs a momentum"},
      {{"fit", "--data", kData, "--optimizer", "adam"}, "adam not in {adamw,sgd}"},
      {{"fit", "--data", kData, "--schedule", "step"}, "step not in {constant,cosine}"},
      {{"fit", "--data", kData, "--warmup", "5"}, "the warm-up is 5 epochs"},
      {{"fit", "--data", kData, "--patience", "2"}, "patience needs a validation split"},
      {{"fit", "--data", kData, "--classes", "0"}, "0 classes cannot be told apart"},
      {{"fit", "--data", kData, "--resume"}, "--resume needs --checkpoint"},
      {{"fit", "--data", kData, "--checkpoint", kData}, "there is a checkpoint"},
      {{"fit", "--data", kData, "--checkpoint", "no/such"}, "there is no directory"},
      {{"fit", "--data", kData, "--checkpoint", "./a", "--output", "a"}, "name two files"},
      {{"fit", "--data", kData, "--checkpoint", "/dev/full"}, "it is a device"},
      {{"fit", "--data", kData, "--recipe", "none"}, "built-in recipes are: article, article-best"},
      {{"fit", "--data", kData, "--recipe", "typo.toml"}, "has an option 'epoch'"},
      {{"fit", "--data", kData, "--recipe", "value.toml"}, "the recipe value.toml: "},
      {{"fit", "--data", kData, "--recipe", "output.toml"}, "has an option 'output'"},
      {{"distill", "--data", kData}, "--teachers is required"},
      {{"distill", "--data", kData, "--teachers", "a", "--temperature", "0"},
       "the temperature is 0"},
      {{"distill", "--data", kData, "--teachers", "a", "--temperature", "1e30"},
       "the temperature is 1e+30; it must be 0.1 to 100"},
      {{"distill", "--data", kData, "--teachers", "a", "--hard-share", "1"}, "share is 1"},
      {{"evaluate", "--data", kData}, "WEIGHTS is required"},
      {{"evaluate", "a.safetensors"}, "--data is required"},
      {{"evaluate", "a.safetensors", "--data", kData, "--format", "xml"}, "xml"},
      {{"evaluate", "a.safetensors", "--data", kData, "--robust", "--predictions", "-"},
       "--predictions excludes --robust"},
      {{"evaluate", "a.safetensors", "--data", kData, "--robust", "--images", "0"}, "--images"},
      {{"evaluate", "a.safetensors", "--data", kData, "--images", "5"}, "requires --robust"},
      {{"fit", "--data", kData, "--report", "no/such/a.html"}, "there is no directory"},
      {{"fit", "--data", kData, "--output", "a", "--report", "./a"}, "would overwrite a,"},
      {{"fit", "--data", kData, "--output", "a.safetensors", "--report", "a.history.csv"},
       "would overwrite a.history.csv"},
      {{"report", "--data", kData}, "WEIGHTS is required"},
      {{"report", "a.safetensors"}, "--data is required"},
      {{"report", "w.safetensors", "--data", kData, "--output", "./w.safetensors"},
       "would overwrite w.safetensors"},
      {{"report", "w.safetensors", "--data", kData, "--output", "w.history.csv"},
       "would overwrite w.history.csv"},
      {{"fit", "--data", kData, "--output", kData}, "would overwrite digits-images"},
      {{"fit", "--data", kData, "--report", kData}, "would overwrite digits-images"},
      {{"fit", "--data", "w.history.csv", "--output", "w.safetensors"},
       "the history w.history.csv would overwrite w.history.csv"},
      {{"fit", "--data", kData, "--recipe", "r.toml", "--output", "r.toml"}, "overwrite r.toml"},
      {{"distill", "--data", kData, "--teachers", "v,w.safetensors", "--output", "w.safetensors"},
       "would overwrite w.safetensors"},
      {{"calibrate", "w.safetensors", "--data", kData, "--output", kData},
       "would overwrite digits-images"},
      {{"calibrate", "w.safetensors", "--data", kData, "--output", "no/such.safetensors"},
       "there is no directory"},
      {{"evaluate", "w.safetensors", "--data", kData, "--predictions", "w.safetensors"},
       "would overwrite w.safetensors"},
      {{"evaluate", "w.safetensors", "--data", kData, "--precision", "f16"}, "f16 not in"},
      {{"sheet", "--data", kData, "--output", kData}, "would overwrite digits-images"},
      {{"report", "a", "--data", kData, "--output", kData}, "would overwrite digits-images"},
      {{"report", "a", "--data", kData, "--history", "h.csv", "--output", "h.csv"},
       "would overwrite h.csv"},
      {{"report", "a", "--data", kData, "--output", "no/such/a.html"}, "there is no directory"},
      {{"report", "a", "--data", kData, "--output", "."}, "it is a directory"},
      {{"report", "a", "--data", kData, "--split", "both"}, "--split"},
      {{"convert", "a.safetensors", "--output", "b.safetensors"}, "--storage is required"},
      {{"convert", "a.safetensors", "--storage", "i8"}, "--output is required"},
      {{"convert", "--storage", "i8", "--output", "b.safetensors"}, "WEIGHTS is required"},
      {{"convert", "a.safetensors", "--storage", "i4", "--output", "b.safetensors"}, "i4 not in"},
      {{"evaluate", "a", "--data", kData, "--digit-score", "--predictions", "b"}, "excludes"},
      {{"evaluate", "a", "--data", kData, "--digit-score", "--robust"}, "excludes"},
      {{"calibrate", "--data", kData, "--output", "b"}, "WEIGHTS is required"},
      {{"calibrate", "a.safetensors", "--data", kData}, "--output is required"},
      {{"calibrate", "a.safetensors", "--output", "b"}, "--data is required"},
      {{"fetch"}, "DIRECTORY is required"},
      {{"sheet", "--data", kData, "--rotation", "-1"}, "the rotation is up to -1 degrees"},
      {{"sheet", "--data", kData, "--scale", "1"}, "the scale varies by 1"},
      {{"sheet", "--data", kData, "--elastic-sigma", "4.5,x"}, "'4.5,x' is not a number or two"},
      {{"sheet", "--data", kData, "--elastic-sigma", "1,2,3"}, "'1,2,3' is not a number or two"},
      {{"sheet", "--data", kData, "--elastic-sigma", "6,5"}, "the least comes first"},
      {{"sheet", "--data", kData, "--seed", "-1"}, "-1 is less than 0"},
      {{"sheet", "--data", kData, "--rows", "0"}, "0"}};
  for (const char* const file : {"w.safetensors", "w.history.csv", "h.csv"}) {
    std::ofstream(folder_ / file) << "to be kept";
  }
  const std::string images = ReadAll(folder_ / kData);
  std::ofstream(folder_ / "r.toml") << "epochs = 3\n";
  std::ofstream(folder_ / "typo.toml") << "epoch = 3\n";
  std::ofstream(folder_ / "value.toml") << "epochs = \"many\"\n";
  std::ofstream(folder_ / "output.toml") << "output = \"elsewhere\"\n";
  for (const Case& refused : cases) {
    const Finished run = Trainer(refused.arguments);
    EXPECT_EQ(run.exit_code, 2) << testing::PrintToString(refused.arguments);
    EXPECT_THAT(run.err, HasSubstr(refused.message));
    EXPECT_EQ(run.out, "");
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "model.safetensors"));
  for (const char* const file : {"w.safetensors", "w.history.csv", "h.csv"}) {
    EXPECT_EQ(ReadAll(folder_ / file), "to be kept");
  }
  EXPECT_EQ(ReadAll(folder_ / kData), images);
}

TEST_F(CommandLineTest, WhatFailsSaysWhy) {
  struct Case {
    std::vector<std::string> arguments;
    std::string message;
  };
  std::ofstream(folder_ / "broken.safetensors") << "not weights";
  std::filesystem::copy_file(folder_ / kData, folder_ / "bare-images-idx3-ubyte");
  ASSERT_EQ(Fit("a.safetensors", {"--epochs", "1"}).exit_code, 0);
  ASSERT_EQ(Fit("letters.safetensors", {"--epochs", "1", "--class-names", "a,b,c,d,e,f,g,h,i,j"})
                .exit_code,
            0);
  ASSERT_EQ(Fit("eleven.safetensors", {"--epochs", "1", "--classes", "11"}).exit_code, 0);
  const auto calibrate = [](const std::string& weights, const std::string& data) {
    return std::vector<std::string>{"calibrate", weights, "--data", data, "--output", "b"};
  };
  const std::vector<Case> cases = {
      {calibrate("nowhere.safetensors", kData), "nowhere.safetensors"},
      {calibrate("a.safetensors", "nowhere"), "nowhere"},
      {calibrate("a.safetensors", "bare-images-idx3-ubyte"), "have no labels"},
      {calibrate("a.safetensors", "non-digits"), "have no labels"},
      {calibrate("eleven.safetensors", kData), "has no image of class '10'"},
      {{"evaluate", "letters.safetensors", "--data", kData, "--digit-score"},
       "not the digits 0 to 9"},
      {{"evaluate", "a.safetensors", "--data", "non-digits", "--digit-score"}, "has no labels"},
      {{"fit", "--data", "nowhere"}, "nowhere"},
      {{"fit", "--data", kData, "--classes", "5"}, "labels are 0 to 4"},
      {{"fit", "--data", kData, "--checkpoint", "broken.safetensors", "--resume"},
       "broken.safetensors: "},
      {{"fit", "--data", kData, "--checkpoint", "a.safetensors", "--resume"},
       "a.safetensors: it is no checkpoint"},
      {{"distill", "--data", kData, "--teachers", "a.safetensors,nowhere.safetensors"},
       "nowhere.safetensors"},
      {{"evaluate", "a.safetensors", "eleven.safetensors", "--data", kData},
       "eleven.safetensors has other class names than a.safetensors"},
      {{"evaluate", "nowhere.safetensors", "--data", kData}, "nowhere.safetensors"},
      {{"evaluate", "broken.safetensors", "--data", kData}, "broken.safetensors"},
      {{"evaluate", "a.safetensors", "--data", "bare-images-idx3-ubyte"}, "has no labels"},
      {{"evaluate", "a.safetensors", "--data", "bare-images-idx3-ubyte", "--robust"},
       "has no labels"},
      {{"evaluate", "a.safetensors", "--data", kData, "--predictions", "no/such.txt"},
       "no/such.txt"},
      {{"report", "nowhere.safetensors", "--data", kData}, "nowhere.safetensors"},
      {{"report", "a.safetensors", "--data", "bare-images-idx3-ubyte"}, "has no labels"},
      {{"report", "a.safetensors", "--data", kData, "--history", "nowhere.csv"}, "nowhere.csv"},
      {{"report", "a.safetensors", "--data", kData, "--history", kData}, "is no history of a fit"},
      {{"report", "broken.safetensors", "--data", kData}, "broken.safetensors"},
      {{"report", "a.safetensors", "--data", "nowhere"}, "nowhere"},
      {{"report", "a.safetensors", "--data", kData, "--output", "/dev/full"}, "/dev/full"},
      {{"convert", "broken.safetensors", "--storage", "i8", "--output", "b.safetensors"},
       "broken.safetensors"},
      {{"convert", "a.safetensors", "--storage", "i8", "--output", "no/such.safetensors"},
       "no/such.safetensors"},
      {{"sheet", "--data", kData, "--output", "no/such.png"}, "no/such.png"}};
  for (const Case& failing : cases) {
    const Finished run = Trainer(failing.arguments);
    EXPECT_EQ(run.exit_code, 1) << testing::PrintToString(failing.arguments);
    EXPECT_THAT(run.err,
                AllOf(ContainsRegex("(^|\n)digits-trainer: "), HasSubstr(failing.message)));
  }
}

}  // namespace
}  // namespace digits
