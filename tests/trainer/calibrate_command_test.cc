// digits-trainer calibrate as its users call it, and fits that calibrate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "server/model/weights_file.h"
#include "tests/e2e/process.h"
#include "tests/trainer/digits_folder.h"

namespace digits {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

using CalibrateCommandTest = DigitsFolderTest;

TEST_F(CalibrateCommandTest, CalibrateAddsWhatItMeasuresToTheWeights) {
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

TEST_F(CalibrateCommandTest, CalibrateRefusesASplitThatLeavesNothing) {
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

TEST_F(CalibrateCommandTest, FitCalibratesByTheImagesThatItKeepsOut) {
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

TEST_F(CalibrateCommandTest, AFitThatCannotBeCalibratedIsWrittenAllTheSame) {
  const Finished fit =
      Fit("a.safetensors", {"--epochs", "1", "--classes", "11", "--validation-split", "0.3"});
  EXPECT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_THAT(fit.err, ContainsRegex("\nnot calibrated: .* has no image of class '10'"));
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->network.temperature, 1);
}

TEST_F(CalibrateCommandTest, CalibrateNotesItsDataAsAShellTakesThem) {
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

}  // namespace
}  // namespace digits
