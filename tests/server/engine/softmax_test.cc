#include "server/engine/softmax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace digits {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;

std::vector<float> Probabilities(const std::vector<float>& logits, float temperature = 1) {
  std::vector<float> probabilities(logits.size());
  Softmax(logits, temperature, probabilities);
  return probabilities;
}

TEST(SoftmaxTest, GivesEulersNumberToThePowerOfEachLogitOverTheirSum) {
  // e / (1 + e + e^2), by bc.
  EXPECT_THAT(Probabilities({0, 1, 2}),
              Pointwise(FloatNear(1e-7f), {0.0900305731f, 0.2447284710f, 0.6652409557f}));
}

TEST(SoftmaxTest, DividesTheLogitsByTheTemperature) {
  // e^0.5 / (1 + e^0.5 + e), by bc.
  EXPECT_THAT(Probabilities({0, 1, 2}, 2),
              Pointwise(FloatNear(1e-7f), {0.1863237232f, 0.3071958857f, 0.5064803911f}));
  EXPECT_THAT(Probabilities({0, 2.5f, 5}, 2.5f),
              Pointwise(FloatNear(1e-7f), Probabilities({0, 1, 2})));
}

TEST(SoftmaxTest, DoesNotOverflow) {
  EXPECT_THAT(Probabilities({3e38f, -3e38f}), ElementsAre(1, 0));
  EXPECT_THAT(Probabilities({-1000, -1000}), ElementsAre(0.5f, 0.5f));
  EXPECT_THAT(Probabilities({1, 2}, std::numeric_limits<float>::denorm_min()), ElementsAre(0, 1));
}

TEST(SoftmaxTest, GivesNothingToMinusInfinity) {
  EXPECT_THAT(Probabilities({1, -std::numeric_limits<float>::infinity(), 1}),
              ElementsAre(0.5f, 0, 0.5f));
}

TEST(SoftmaxTest, HasNoOpinionWhereTheLogitsHaveOverflowed) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& logits : std::vector<std::vector<float>>{
           {1, kNan, 2, 3}, {kNan, 1, 2, 3}, {1, kInfinity, 2, 3}, std::vector(4, -kInfinity)}) {
    EXPECT_THAT(Probabilities(logits), Each(0.25f));
  }
}

TEST(DigitScoreTest, IsTheLogarithmOfTheSumOfExponentials) {
  // ln(1 + e + e^2), by bc.
  EXPECT_NEAR(DigitScore(std::vector<float>{0, 1, 2}), 2.4076059644, 1e-6);
  EXPECT_EQ(DigitScore(std::vector<float>{3}), 3);
  EXPECT_NEAR(DigitScore(std::vector<float>(10, -1)), 1.3025850930, 1e-6);  // ln 10 - 1
}

TEST(DigitScoreTest, DoesNotOverflow) {
  EXPECT_EQ(DigitScore(std::vector<float>{1000, -1000}), 1000);
  EXPECT_EQ(DigitScore(std::vector<float>{3e38f, -3e38f}), 3e38f);
}

TEST(DigitScoreTest, IsTheLeastFloatWhereTheLogitsHaveOverflowed) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& logits :
       std::vector<std::vector<float>>{{1, kNan}, {kNan, 1}, {1, kInfinity}, {-kInfinity}}) {
    EXPECT_EQ(DigitScore(logits), std::numeric_limits<float>::lowest());
  }
}

}  // namespace
}  // namespace digits
