// digits-trainer evaluate as its users call it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/process.h"
#include "tests/trainer/digits_folder.h"
#include "trainer/data/strokes.h"

namespace digits {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

using EvaluateCommandTest = DigitsFolderTest;

TEST_F(EvaluateCommandTest, EvaluateScoresAndPredicts) {
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

TEST_F(EvaluateCommandTest, EvaluateScoresRobustness) {
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

TEST_F(EvaluateCommandTest, EvaluateScoresSeveralFilesAsOneCommittee) {
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

TEST_F(EvaluateCommandTest, EvaluateComputesInThePrecisionThatIsAskedFor) {
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

TEST_F(EvaluateCommandTest, EvaluateSaysHowHonestConfidencesAre) {
  ASSERT_EQ(Fit("a.safetensors", {"--learning-rate", "0.1"}).exit_code, 0);
  const Finished text = Trainer({"evaluate", "a.safetensors", "--data", kData});
  EXPECT_THAT(text.out, AllOf(ContainsRegex("loss +[0-9.]+  .negative log-likelihood.\n"),
                              ContainsRegex("ECE +0\\.[0-9]{4}  ")));
  const Finished json = Trainer({"evaluate", "a.safetensors", "--data", kData, "--format", "json"});
  const double error = nlohmann::json::parse(json.out)["expected_calibration_error"];
  EXPECT_GT(error, 0);
  EXPECT_LT(error, 1);
}

TEST_F(EvaluateCommandTest, EvaluateScoresDigitsAgainstWhatIsNone) {
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

}  // namespace
}  // namespace digits
