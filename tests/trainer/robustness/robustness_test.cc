#include "trainer/robustness/robustness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <span>

#include "tests/trainer/robustness/images.h"

namespace digits {
namespace {

// Answers 1 for an image whose mean is lighter than the middle grey, else 0.
class BrightnessClassifier : public Classifier {
 public:
  int classes() const override { return 2; }
  std::string_view precision() const override { return "f32"; }
  void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                std::span<float> /*digit_scores*/) const override {
    for (size_t i = 0; i < pixels.size() / kImagePixels; ++i) {
      const auto image = pixels.subspan(i * kImagePixels, kImagePixels);
      const bool light = std::accumulate(image.begin(), image.end(), 0) > 128 * 784;
      probabilities[2 * i] = light ? 0.0f : 1.0f;
      probabilities[2 * i + 1] = light ? 1.0f : 0.0f;
    }
  }
};

DataSet Dark(size_t count, std::vector<uint8_t> labels) {
  DataSet data;
  data.name = "dark";
  for (size_t i = 0; i < count; ++i) {
    const Image image = Rectangle(9, 9, 18, 18);
    data.pixels.insert(data.pixels.end(), image.begin(), image.end());
  }
  data.labels = std::move(labels);
  return data;
}

TEST(EvaluateRobustness, CountsTheErrorsOfEachPerturbation) {
  const auto robustness = EvaluateRobustness(BrightnessClassifier(), Dark(4, {0, 0, 0, 1}), 1000);
  ASSERT_TRUE(robustness.ok()) << robustness.status();
  EXPECT_EQ(robustness->images, 4u);
  EXPECT_DOUBLE_EQ(robustness->clean_error, 0.25);
  ASSERT_EQ(robustness->scores.size(), RobustnessSuite().size());
  // It is always wholly sure, so that what it is wrong about is all that its confidence is off by.
  EXPECT_NEAR(robustness->clean_calibration_error, 0.25, 1e-12);
  double sum = 0;
  for (size_t i = 0; i < robustness->scores.size(); ++i) {
    const auto& [perturbation, error, calibration_error] = robustness->scores[i];
    EXPECT_EQ(perturbation.kind, RobustnessSuite()[i].kind);
    EXPECT_EQ(perturbation.severity, RobustnessSuite()[i].severity);
    // Only turned to light paper are these images light.
    EXPECT_DOUBLE_EQ(error, perturbation.kind == PerturbationKind::kInverted ? 0.75 : 0.25);
    EXPECT_NEAR(calibration_error, error, 1e-12);
    sum += error;
  }
  EXPECT_DOUBLE_EQ(robustness->mean_error(), sum / 34);
  EXPECT_NEAR(robustness->mean_calibration_error(), sum / 34, 1e-12);
}

TEST(EvaluateRobustness, ScoresTheFirstImagesAlone) {
  const auto robustness = EvaluateRobustness(BrightnessClassifier(), Dark(4, {0, 0, 0, 1}), 3);
  ASSERT_TRUE(robustness.ok()) << robustness.status();
  EXPECT_EQ(robustness->images, 3u);
  EXPECT_EQ(robustness->clean_error, 0);
}

TEST(EvaluateRobustness, RefusesImagesWithoutLabels) {
  const auto robustness = EvaluateRobustness(BrightnessClassifier(), Dark(2, {}), 2);
  EXPECT_EQ(robustness.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(robustness.status().message()), testing::HasSubstr("dark has no labels"));
}

TEST(EvaluateRobustness, RefusesToScoreNoImages) {
  const auto robustness = EvaluateRobustness(BrightnessClassifier(), Dark(2, {0, 0}), 0);
  EXPECT_EQ(robustness.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace digits
