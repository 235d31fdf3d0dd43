#include "server/engine/softmax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include "tests/server/simd/every_cpu.h"

namespace digits {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kLowest = std::numeric_limits<float>::lowest();

using SoftmaxTest = EveryCpuTest;
using DigitScoreTest = EveryCpuTest;

// Of one image.
std::vector<float> Probabilities(const std::vector<float>& logits, float temperature = 1) {
  std::vector<float> probabilities(logits.size());
  Softmax(logits, logits.size(), temperature, probabilities, {});
  return probabilities;
}

float DigitScore(const std::vector<float>& logits, float temperature = 1) {
  std::vector<float> probabilities(logits.size());
  std::vector<float> score(1);
  Softmax(logits, logits.size(), temperature, probabilities, score);
  return score.front();
}

TEST_P(SoftmaxTest, GivesEulersNumberToThePowerOfEachLogitOverTheirSum) {
  // e / (1 + e + e^2), by bc.
  EXPECT_THAT(Probabilities({0, 1, 2}),
              Pointwise(FloatNear(1e-7f), {0.0900305731f, 0.2447284710f, 0.6652409557f}));
}

TEST_P(SoftmaxTest, DividesTheLogitsByTheTemperature) {
  // e^0.5 / (1 + e^0.5 + e), by bc.
  EXPECT_THAT(Probabilities({0, 1, 2}, 2),
              Pointwise(FloatNear(1e-7f), {0.1863237232f, 0.3071958857f, 0.5064803911f}));
  EXPECT_THAT(Probabilities({0, 2.5f, 5}, 2.5f),
              Pointwise(FloatNear(1e-7f), Probabilities({0, 1, 2})));
}

TEST_P(SoftmaxTest, DoesNotOverflow) {
  EXPECT_THAT(Probabilities({3e38f, -3e38f}), ElementsAre(1, 0));
  EXPECT_THAT(Probabilities({-1000, -1000}), ElementsAre(0.5f, 0.5f));
  EXPECT_THAT(Probabilities({1, 2}, std::numeric_limits<float>::denorm_min()), ElementsAre(0, 1));
}

TEST_P(SoftmaxTest, GivesNothingToMinusInfinity) {
  EXPECT_THAT(Probabilities({1, -kInfinity, 1}), ElementsAre(0.5f, 0, 0.5f));
}

TEST_P(SoftmaxTest, HasNoOpinionWhereTheLogitsHaveOverflowed) {
  for (const auto& logits : std::vector<std::vector<float>>{
           {1, kNan, 2, 3}, {kNan, 1, 2, 3}, {1, kInfinity, 2, 3}, std::vector(4, -kInfinity)}) {
    EXPECT_THAT(Probabilities(logits), Each(0.25f));
  }
}

// Against the C library's functions in float64, over the logits that networks give and beyond.
TEST_P(SoftmaxTest, IsThatOfFloat64ForAnyNumberOfImagesAndClasses) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 30);
  for (const size_t images : {1, 2, 7, 128}) {
    for (const size_t classes : {1, 2, 10, 16, 47}) {
      for (const float temperature : {1.0f, 0.25f, 3.0f}) {
        std::vector<float> logits(images * classes);
        for (float& logit : logits) logit = normal(random);
        std::vector<float> probabilities(logits.size());
        std::vector<float> scores(images);
        Softmax(logits, classes, temperature, probabilities, scores);
        for (size_t i = 0; i < images; ++i) {
          const float* const row = logits.data() + i * classes;
          double sum = 0;
          double sum_at_temperature = 0;
          for (size_t c = 0; c < classes; ++c) {
            sum += std::exp(double{row[c]});
            sum_at_temperature += std::exp(double{row[c]} / temperature);
          }
          for (size_t c = 0; c < classes; ++c) {
            const double expected = std::exp(double{row[c]} / temperature) / sum_at_temperature;
            // Of the exponential and the quotient, and of the logits' differences.
            const double largest = *std::max_element(row, row + classes);
            const double tolerance =
                (6e-7 + 1.2e-7 * (std::abs(row[c]) + std::abs(largest)) / temperature) * expected +
                1e-37;
            EXPECT_NEAR(probabilities[i * classes + c], expected, tolerance);
          }
          EXPECT_NEAR(scores[i], std::log(sum), 1e-6 * (1 + std::abs(std::log(sum))));
        }
      }
    }
  }
}

TEST_P(SoftmaxTest, AnImageWithoutOpinionLeavesItsNeighboursAlone) {
  std::vector<float> probabilities(6);
  std::vector<float> scores(3);
  Softmax(std::vector<float>{0, 0, kNan, 1, 0, 0}, 2, 1, probabilities, scores);
  EXPECT_THAT(probabilities, Each(0.5f));
  EXPECT_THAT(scores, ElementsAre(FloatNear(0.6931472f, 1e-7f), kLowest,
                                  FloatNear(0.6931472f, 1e-7f)));  // ln 2
}

TEST_P(DigitScoreTest, IsTheLogarithmOfTheSumOfExponentials) {
  // ln(1 + e + e^2), by bc.
  EXPECT_NEAR(DigitScore({0, 1, 2}), 2.4076059644, 1e-6);
  EXPECT_EQ(DigitScore({3}), 3);
  EXPECT_NEAR(DigitScore(std::vector<float>(10, -1)), 1.3025850930, 1e-6);  // ln 10 - 1
}

TEST_P(DigitScoreTest, IsTheSameAtEveryTemperature) {
  EXPECT_EQ(DigitScore({0, 1, 2}, 3), DigitScore({0, 1, 2}));
}

TEST_P(DigitScoreTest, DoesNotOverflow) {
  EXPECT_EQ(DigitScore({1000, -1000}), 1000);
  EXPECT_EQ(DigitScore({3e38f, -3e38f}), 3e38f);
}

TEST_P(DigitScoreTest, IsTheLeastFloatWhereTheLogitsHaveOverflowed) {
  for (const auto& logits :
       std::vector<std::vector<float>>{{1, kNan}, {kNan, 1}, {1, kInfinity}, {-kInfinity}}) {
    EXPECT_EQ(DigitScore(logits), kLowest);
  }
}

INSTANTIATE_TEST_SUITE_P(Cpus, SoftmaxTest, testing::ValuesIn(EveryCpu()), CpuNameOfTest);
INSTANTIATE_TEST_SUITE_P(Cpus, DigitScoreTest, testing::ValuesIn(EveryCpu()), CpuNameOfTest);

}  // namespace
}  // namespace digits
