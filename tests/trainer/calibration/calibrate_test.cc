#include "trainer/calibration/calibrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "server/engine/onednn_classifier.h"
#include "trainer/data/strokes.h"
#include "trainer/training/answers.h"
#include "trainer/training/fit.h"

namespace digits {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::FloatNear;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Pointwise;

constexpr double kSplit = 0.3;
constexpr uint64_t kSeed = 1;

// A network that reads strokes fairly well, and the strokes.
struct Fitted {
  Network network;
  DataSet data;
};

const Fitted& FittedNetwork() {
  static const Fitted& fitted = *[] {
    TrainingData data;
    data.train = DrawStrokes(3000, 1);
    FitOptions options;
    options.learning_rate = 0.1;
    options.epochs = 5;
    options.validation_split = kSplit;
    options.seed = kSeed;
    const std::atomic<bool> stop = false;
    FitObserver observer;
    auto fit = Fit(data, options, stop, observer);
    return new Fitted{fit.value().network, data.train};
  }();
  return fitted;
}

Calibration CalibrationOf(const Network& network) {
  const auto calibration = Calibrate(network, SplitAsFit(FittedNetwork().data, kSplit).value());
  EXPECT_TRUE(calibration.ok()) << calibration.status();
  return calibration.ok() ? *calibration : Calibration();
}

TEST(Calibrate, MakesTheLikelihoodNoWorse) {
  const Calibration calibration = CalibrationOf(FittedNetwork().network);
  EXPECT_EQ(calibration.validation_images, 900u);
  EXPECT_LE(calibration.after.negative_log_likelihood, calibration.before.negative_log_likelihood);
  EXPECT_GT(calibration.accuracy, 0.8);
  EXPECT_THAT(calibration.network.input_ranges, AllOf(testing::SizeIs(2), Each(Gt(0))));
  const absl::Status status = CheckNetwork(calibration.network);
  EXPECT_TRUE(status.ok()) << status;
}

TEST(Calibrate, UndoesAConfidenceThatIsTooHigh) {
  const Calibration honest = CalibrationOf(FittedNetwork().network);
  Network boastful = FittedNetwork().network;
  for (float& weight : boastful.layers.back().weights) weight *= 4;
  for (float& bias : boastful.layers.back().bias) bias *= 4;
  const Calibration mended = CalibrationOf(boastful);
  EXPECT_NEAR(mended.network.temperature, 4 * honest.network.temperature,
              0.02 * honest.network.temperature);
  EXPECT_GT(mended.before.calibration_error, 2 * mended.after.calibration_error);
  EXPECT_NEAR(mended.after.negative_log_likelihood, honest.after.negative_log_likelihood, 1e-3);
}

TEST(Calibrate, SetsAThresholdThat99PercentOfTheValidationDigitsReach) {
  const Calibration calibration = CalibrationOf(FittedNetwork().network);
  const auto classifier = MakeOnednnClassifier(calibration.network, Precision::kF32);
  ASSERT_TRUE(classifier.ok()) << classifier.status();
  const auto split = SplitAsFit(FittedNetwork().data, kSplit);
  const Answers answers = AnswersTo(**classifier, split->validation);
  EXPECT_EQ(std::ranges::count_if(
                answers.digit_scores,
                [&](float score) { return score >= *calibration.network.digit_threshold; }),
            891);
}

TEST(Calibrate, MakesLogitsAddUpToNothingAndKeepsTheProbabilities) {
  Network lopsided = FittedNetwork().network;
  DenseLayer& last = lopsided.layers.back();
  for (size_t i = 0; i < last.weights.size(); ++i) {
    last.weights[i] += 0.25f * static_cast<float>(i % static_cast<size_t>(last.inputs));
  }
  for (float& bias : last.bias) bias += 3;
  const Calibration calibration = CalibrationOf(lopsided);
  const DenseLayer& centered = calibration.network.layers.back();
  for (size_t i = 0; i < static_cast<size_t>(last.inputs); ++i) {
    double sum = 0;
    for (size_t o = 0; o < centered.bias.size(); ++o) {
      sum += centered.weights[o * static_cast<size_t>(last.inputs) + i];
    }
    EXPECT_NEAR(sum, 0, 1e-5);
  }
  EXPECT_NEAR(std::accumulate(centered.bias.begin(), centered.bias.end(), 0.0), 0, 1e-5);

  Network same = calibration.network;
  same.temperature = 1;
  const DataSet digits = DrawStrokes(100, 2);
  const Answers before = AnswersTo(**MakeOnednnClassifier(lopsided, Precision::kF32), digits);
  const Answers after = AnswersTo(**MakeOnednnClassifier(same, Precision::kF32), digits);
  EXPECT_THAT(after.probabilities, Pointwise(FloatNear(1e-4f), before.probabilities));
}

TEST(Calibrate, MeasuresTheRestWhereNoTemperatureFits) {
  // All that it validates on it reads rightly, so that no confidence is too high.
  const Network& network = FittedNetwork().network;
  SplitImages images = SplitAsFit(FittedNetwork().data, kSplit).value();
  const auto classifier = MakeOnednnClassifier(network, Precision::kF32).value();
  const std::vector<float> probabilities = AnswersTo(*classifier, images.validation).probabilities;
  DataSet right;
  for (size_t i = 0; i < images.validation.size(); ++i) {
    const auto row = std::span(probabilities).subspan(10 * i, 10);
    if (std::ranges::max_element(row) - row.begin() != images.validation.labels[i]) continue;
    const auto image = images.validation.image(i);
    right.pixels.insert(right.pixels.end(), image.begin(), image.end());
    right.labels.push_back(images.validation.labels[i]);
  }
  images.validation = std::move(right);
  const auto calibration = Calibrate(network, images);
  ASSERT_TRUE(calibration.ok()) << calibration.status();
  EXPECT_THAT(calibration->note,
              AllOf(HasSubstr("the temperature is left at 1: "), HasSubstr("would fall below")));
  EXPECT_EQ(calibration->network.temperature, 1);
  EXPECT_EQ(calibration->accuracy, 1);
  EXPECT_THAT(calibration->network.input_ranges, AllOf(testing::SizeIs(2), Each(Gt(0))));
  EXPECT_TRUE(calibration->network.digit_threshold.has_value());
  EXPECT_EQ(CalibrationOf(network).note, "");
}

TEST(Calibrate, ForgetsAnEarlierCalibration) {
  const Calibration once = CalibrationOf(FittedNetwork().network);
  const Calibration twice = CalibrationOf(once.network);
  EXPECT_NEAR(twice.network.temperature, once.network.temperature, 1e-4);
  EXPECT_NEAR(*twice.network.digit_threshold, *once.network.digit_threshold, 1e-4);
  EXPECT_EQ(twice.network.input_ranges, once.network.input_ranges);
}

TEST(Calibrate, RefusesImagesOfOneClass) {
  DataSet ones = DrawStrokes(100, 1);
  std::ranges::fill(ones.labels, uint8_t{1});
  const auto calibration = Calibrate(FittedNetwork().network, SplitAsFit(ones, 0.5).value());
  EXPECT_EQ(calibration.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(calibration.status().message()),
              HasSubstr("strokes has no image of class '0'"));
}

TEST(CheckHasAllClasses, NamesWhatIsMissing) {
  DataSet data = DrawStrokes(100, 1);
  const std::vector<std::string> digits = DecimalClassNames();
  EXPECT_TRUE(CheckHasAllClasses(data, digits, "x").ok());
  std::vector<std::string> more = digits;
  more.emplace_back("ten");
  EXPECT_THAT(std::string(CheckHasAllClasses(data, more, "calibration").message()),
              HasSubstr("has no image of class 'ten'; calibration needs images of each of the "
                        "network's 11 classes"));
  data.labels.clear();
  EXPECT_THAT(std::string(CheckHasAllClasses(data, digits, "calibration").message()),
              HasSubstr("has no labels"));
}

}  // namespace
}  // namespace digits
