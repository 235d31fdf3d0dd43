#include "trainer/training/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>

namespace digits {
namespace {

// Answers with the class that an image's first pixel says, with probability 1/2 and the rest
// shared; 255: all alike.
class FirstPixelClassifier : public Classifier {
 public:
  int classes() const override { return 3; }
  std::string_view precision() const override { return "f32"; }
  void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                std::span<float> /*digit_scores*/) const override {
    for (size_t i = 0; i < pixels.size() / kImagePixels; ++i) {
      const uint8_t answer = pixels[i * kImagePixels];
      for (size_t c = 0; c < 3; ++c) {
        probabilities[i * 3 + c] = answer == 255 ? 1.0f / 3 : answer == c ? 0.5f : 0.25f;
      }
    }
  }
};

DataSet Images(std::span<const uint8_t> first_pixels, std::span<const uint8_t> labels) {
  DataSet data;
  data.pixels.resize(first_pixels.size() * kImagePixels);
  for (size_t i = 0; i < first_pixels.size(); ++i) data.pixels[i * kImagePixels] = first_pixels[i];
  data.labels.assign(labels.begin(), labels.end());
  return data;
}

TEST(EvaluationTest, CountsWhatAHandCounts) {
  const std::vector<uint8_t> answers = {0, 1, 2, 2, 1, 255};
  const std::vector<uint8_t> labels = {0, 1, 1, 2, 1, 2};
  const Evaluation evaluation = Evaluate(FirstPixelClassifier(), Images(answers, labels));
  EXPECT_EQ(evaluation.confusion.total(), 6);
  EXPECT_EQ(evaluation.confusion.correct(), 4);
  EXPECT_EQ(evaluation.confusion.count(1, 1), 2);
  EXPECT_EQ(evaluation.confusion.count(1, 2), 1);
  EXPECT_EQ(evaluation.confusion.count(2, 0), 1) << "all alike is answered with the first class";
  EXPECT_THAT(evaluation.predictions, testing::ElementsAre(0, 1, 2, 2, 1, 0));
  EXPECT_NEAR(evaluation.loss, (4 * std::log(2.0) + std::log(4.0) + std::log(3.0)) / 6, 1e-6);
}

TEST(EvaluationTest, CountsEveryImageOfALargeSet) {
  const std::vector<uint8_t> answers(2'500, 1);
  std::vector<uint8_t> labels(2'500, 1);
  labels.back() = 2;
  const Evaluation evaluation = Evaluate(FirstPixelClassifier(), Images(answers, labels));
  EXPECT_EQ(evaluation.predictions.size(), 2'500u);
  EXPECT_EQ(evaluation.confusion.correct(), 2'499);
  EXPECT_EQ(evaluation.confusion.count(2, 1), 1);
}

}  // namespace
}  // namespace digits
