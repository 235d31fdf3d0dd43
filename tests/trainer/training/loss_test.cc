#include "trainer/training/loss.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "trainer/training/buffer.h"

namespace digits {
namespace {

using testing::Each;
using testing::FloatNear;
using testing::Pointwise;

constexpr size_t kClasses = 3;
constexpr std::array<uint8_t, 2> kLabels = {2, 1};

// [[1.5, -0.5, 0.25], [-1, 2, 2]], with stray values in the padding.
FloatBuffer Logits() {
  FloatBuffer logits(2 * kLanes, 9.0f);
  const std::array<float, 6> values = {1.5f, -0.5f, 0.25f, -1.0f, 2.0f, 2.0f};
  std::copy_n(values.begin(), kClasses, logits.begin());
  std::copy_n(values.begin() + kClasses, kClasses, logits.begin() + kLanes);
  return logits;
}

struct Gradient {
  Score score;
  std::vector<float> values;   // 2 x 3
  std::vector<float> padding;  // 2 x 13
};

Gradient Differentiate(Loss loss) {
  FloatBuffer gradient(2 * kLanes, 7.0f);
  Gradient result;
  result.score = ScoreLogits({loss}, Logits().data(), kClasses, {kLabels}, gradient.data());
  for (size_t i = 0; i < gradient.size(); ++i) {
    (i % kLanes < kClasses ? result.values : result.padding).push_back(gradient[i]);
  }
  return result;
}

// Reference values by numpy in float64; the gradients there by central differences.
TEST(LossTest, CrossEntropyIsThatOfNumpy) {
  const Gradient gradient = Differentiate(Loss::kCrossEntropy);
  EXPECT_NEAR(gradient.score.loss, 2.3196877824695044, 1e-6);
  const std::vector<float> expected = {0.35165700f, 0.04759160f,  -0.39924859f,
                                       0.01214445f, -0.25607222f, 0.24392778f};
  EXPECT_THAT(gradient.values, Pointwise(FloatNear(1e-7f), expected));
}

TEST(LossTest, MeanSquaredErrorIsThatOfNumpy) {
  const Gradient gradient = Differentiate(Loss::kMeanSquaredError);
  EXPECT_NEAR(gradient.score.loss, 0.5473976831624806, 1e-6);
  const std::vector<float> expected = {0.08451561f, -0.00785667f, -0.07665894f,
                                       0.00028781f, -0.08145316f, 0.08116535f};
  EXPECT_THAT(gradient.values, Pointwise(FloatNear(1e-7f), expected));
}

// What the classes' shares should be, and the loss by its definition, both in float64.
std::array<double, kClasses> TargetOf(const LossOptions& o, const float* soft, size_t label) {
  std::array<double, kClasses> y = {};
  for (size_t c = 0; c < kClasses; ++c) {
    const double hard = (1 - o.label_smoothing) * (c == label) + o.label_smoothing / 3.0;
    y.at(c) = soft == nullptr ? hard : o.hard_share * hard + (1 - o.hard_share) * soft[c];
  }
  return y;
}

double MeanLoss(const LossOptions& o, const std::vector<double>& logits, const float* soft) {
  const double temperature = soft == nullptr ? 1 : o.temperature;
  double mean = 0;
  for (size_t r = 0; r < kLabels.size(); ++r) {
    const auto y = TargetOf(o, soft == nullptr ? nullptr : soft + r * kClasses, kLabels.at(r));
    double sum = 0;
    for (size_t c = 0; c < kClasses; ++c) sum += std::exp(logits[r * kClasses + c] / temperature);
    for (size_t c = 0; c < kClasses; ++c) {
      const double p = std::exp(logits[r * kClasses + c] / temperature) / sum;
      mean += o.loss == Loss::kCrossEntropy ? -y.at(c) * std::log(p)
                                            : (p - y.at(c)) * (p - y.at(c)) / kClasses;
    }
  }
  return mean * temperature * temperature / static_cast<double>(kLabels.size());
}

struct TargetCase {
  std::string name;
  LossOptions options;
  bool soft = false;
};

class TargetsTest : public testing::TestWithParam<TargetCase> {};

TEST_P(TargetsTest, LossAndGradientsAreThoseOfFloat64) {
  constexpr std::array<float, 6> kSoft = {0.2f, 0.7f, 0.1f, 0.0f, 0.5f, 0.5f};
  const float* const soft = GetParam().soft ? kSoft.data() : nullptr;
  FloatBuffer gradient(2 * kLanes);
  const Score score =
      ScoreLogits(GetParam().options, Logits().data(), kClasses, {kLabels, soft}, gradient.data());
  std::vector<double> logits;
  for (size_t i = 0; i < 2 * kClasses; ++i) {
    logits.push_back(Logits()[i / kClasses * kLanes + i % kClasses]);
  }
  EXPECT_NEAR(score.mean_loss(), MeanLoss(GetParam().options, logits, soft), 1e-6);
  for (size_t i = 0; i < logits.size(); ++i) {
    const double step = 1e-6;
    std::vector<double> above = logits, below = logits;
    above[i] += step;
    below[i] -= step;
    const double difference =
        (MeanLoss(GetParam().options, above, soft) - MeanLoss(GetParam().options, below, soft)) /
        (2 * step);
    EXPECT_NEAR(gradient[i / kClasses * kLanes + i % kClasses], difference, 1e-6) << i;
  }
}

std::string NameOfTarget(const testing::TestParamInfo<TargetCase>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Targets, TargetsTest,
    testing::Values(
        TargetCase{"Hard", {}}, TargetCase{"Smoothed", {.label_smoothing = 0.1f}},
        TargetCase{"SmoothedSquares", {.loss = Loss::kMeanSquaredError, .label_smoothing = 0.1f}},
        TargetCase{"Soft", {}, true},
        TargetCase{"SoftSquares", {.loss = Loss::kMeanSquaredError}, true},
        TargetCase{"SoftAtATemperature", {.temperature = 2.5f}, true},
        TargetCase{"SoftSquaresAtATemperature",
                   {.loss = Loss::kMeanSquaredError, .temperature = 2.5f},
                   true},
        TargetCase{"Mixed", {.label_smoothing = 0.1f, .temperature = 2, .hard_share = 0.3f}, true},
        TargetCase{"ATemperatureForHardTargetsIsNone", {.temperature = 2.5f}}),
    NameOfTarget);

// Of an outlier every class is to have a third, whatever its label says.
TEST(LossTest, OutliersAreToBeEveryClassAlikeAndCountApart) {
  const std::array<uint8_t, 2> outliers = {1, 0};
  for (const float smoothing : {0.0f, 0.5f}) {
    FloatBuffer gradient(2 * kLanes);
    const Score score =
        ScoreLogits({.label_smoothing = smoothing}, Logits().data(), kClasses,
                    {.labels = kLabels, .outliers = outliers.data()}, gradient.data());
    const std::array<double, 3> exponentials = {std::exp(1.5), std::exp(-0.5), std::exp(0.25)};
    const double sum = exponentials[0] + exponentials[1] + exponentials[2];
    double loss = 0;
    for (size_t c = 0; c < kClasses; ++c) {
      const double p = exponentials.at(c) / sum;
      loss -= std::log(p) / 3;
      EXPECT_NEAR(gradient[c], (p - 1.0 / 3) / 2, 1e-6);
    }
    EXPECT_NEAR(score.outlier_loss, loss, 1e-6);
    EXPECT_EQ(score.images, 1u);
    EXPECT_EQ(score.correct, 1u);

    // The other image is as it is alone, but for the batch that the mean is of.
    const std::array<uint8_t, 1> label = {kLabels[1]};
    FloatBuffer alone(kLanes);
    const Score of_other = ScoreLogits({.label_smoothing = smoothing}, Logits().data() + kLanes,
                                       kClasses, {.labels = label}, alone.data());
    EXPECT_EQ(score.loss, of_other.loss);
    for (size_t c = 0; c < kClasses; ++c) EXPECT_EQ(gradient[kLanes + c], alone[c] / 2);
  }
}

TEST(LossTest, AnOutliersLogitThatIsNoNumberMakesItsLossNone) {
  const std::array<float, 16> logits = {std::numeric_limits<float>::quiet_NaN()};
  const std::array<uint8_t, 1> one = {1};
  const Score score =
      ScoreLogits({}, logits.data(), kClasses, {.labels = one, .outliers = one.data()}, nullptr);
  EXPECT_TRUE(std::isnan(score.outlier_loss));
}

TEST(LossTest, PaddingHasNoGradient) {
  EXPECT_THAT(Differentiate(Loss::kCrossEntropy).padding, Each(0.0f));
  EXPECT_THAT(Differentiate(Loss::kMeanSquaredError).padding, Each(0.0f));
}

TEST(LossTest, OfEqualLogitsTheFirstIsTheAnswer) {
  const Score score = ScoreLogits({}, Logits().data(), kClasses, {kLabels}, nullptr);
  EXPECT_EQ(score.correct, 1u);  // [-1, 2, 2] with label 1
  EXPECT_EQ(score.images, 2u);
}

TEST(LossTest, HugeLogitsDoNotOverflow) {
  FloatBuffer logits(kLanes);
  logits[0] = 3e38f;
  logits[1] = -3e38f;
  const std::array<uint8_t, 1> label = {0};
  FloatBuffer gradient(kLanes);
  const Score score = ScoreLogits({}, logits.data(), 2, {label}, gradient.data());
  EXPECT_EQ(score.loss, 0);
  EXPECT_THAT(gradient, Each(0.0f));
}

TEST(LossTest, ATargetThatIsNoNumberMakesTheLossNone) {
  const FloatBuffer logits(kLanes);
  const std::array<uint8_t, 1> label = {0};
  const std::array<float, 3> soft = {0.5f, std::numeric_limits<float>::quiet_NaN(), 0.5f};
  for (const Loss loss : {Loss::kCrossEntropy, Loss::kMeanSquaredError}) {
    const Score score = ScoreLogits({loss}, logits.data(), 3, {label, soft.data()}, nullptr);
    EXPECT_FALSE(std::isfinite(score.loss));
  }
}

TEST(LossTest, ALogitThatIsNoNumberMakesTheLossNone) {
  FloatBuffer logits(kLanes);
  logits[1] = std::numeric_limits<float>::quiet_NaN();
  const std::array<uint8_t, 1> label = {0};
  for (const Loss loss : {Loss::kCrossEntropy, Loss::kMeanSquaredError}) {
    EXPECT_FALSE(std::isfinite(ScoreLogits({loss}, logits.data(), 3, {label}, nullptr).loss));
  }
}

}  // namespace
}  // namespace digits
