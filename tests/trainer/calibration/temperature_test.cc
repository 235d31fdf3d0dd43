#include "trainer/calibration/temperature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace digits {
namespace {

using ::testing::HasSubstr;

struct Set {
  std::vector<float> probabilities;
  std::vector<uint8_t> labels;
};

// Two classes. Of `count` images each, `right` are of the first class, and the classifier gives
// that the probability p.
void Add(Set& set, int count, int right, double p) {
  for (int i = 0; i < count; ++i) {
    set.probabilities.push_back(static_cast<float>(p));
    set.probabilities.push_back(static_cast<float>(1 - p));
    set.labels.push_back(i < right ? 0 : 1);
  }
}

TEST(NegativeLogLikelihood, IsWhatAHandReckons) {
  Set set;
  Add(set, 2, 1, 0.8);  // one right, one wrong
  EXPECT_NEAR(NegativeLogLikelihood(set.probabilities, set.labels),
              -(std::log(0.8) + std::log(0.2)) / 2, 1e-6);
  // softmax(ln(.8, .2) / 2) = (sqrt .8, sqrt .2) / (sqrt .8 + sqrt .2) = (2, 1) / 3
  EXPECT_NEAR(NegativeLogLikelihood(set.probabilities, set.labels, 2),
              -(std::log(2.0 / 3) + std::log(1.0 / 3)) / 2, 1e-6);
}

TEST(NegativeLogLikelihood, TakesAProbabilityOfZeroForTheLeastFloat) {
  const std::vector<float> probabilities = {1, 0};
  const std::vector<uint8_t> labels = {1};
  EXPECT_NEAR(NegativeLogLikelihood(probabilities, labels), -std::log(std::pow(2.0, -126)), 1e-4);
}

TEST(FitTemperature, FindsTheOneThatAnEquationGives) {
  // One confidence p, right r of the time: the best T has softmax(ln p / T) = r, so that
  // T = logit(p) / logit(r).
  for (const auto& [p, right, expected] :
       {std::tuple{0.9, 80, std::log(9.0) / std::log(4.0)}, std::tuple{0.8, 80, 1.0},
        std::tuple{0.6, 90, std::log(1.5) / std::log(9.0)}}) {
    Set set;
    Add(set, 100, right, p);
    const auto temperature = FitTemperature(set.probabilities, set.labels);
    ASSERT_TRUE(temperature.ok()) << temperature.status();
    EXPECT_NEAR(*temperature, expected, 1e-5 * expected);
  }
}

TEST(FitTemperature, FindsTheOneThatTheLogitsWereMultipliedBy) {
  // Labels drawn from softmax(z); the classifier says softmax(2.5 z).
  std::mt19937 random(1);
  std::normal_distribution<double> normal(0, 1.5);
  std::uniform_real_distribution<double> uniform;
  constexpr size_t kClasses = 10;
  constexpr double kTrue = 2.5;
  Set set;
  for (int i = 0; i < 40'000; ++i) {
    std::vector<double> z(kClasses);
    double sum = 0, hot_sum = 0;
    for (double& logit : z) {
      logit = normal(random);
      sum += std::exp(logit);
      hot_sum += std::exp(kTrue * logit);
    }
    double left = uniform(random) * sum;
    uint8_t label = 0;
    while (label + 1u < kClasses && (left -= std::exp(z[label])) > 0) ++label;
    set.labels.push_back(label);
    for (const double logit : z) {
      set.probabilities.push_back(static_cast<float>(std::exp(kTrue * logit) / hot_sum));
    }
  }
  const auto temperature = FitTemperature(set.probabilities, set.labels);
  ASSERT_TRUE(temperature.ok()) << temperature.status();
  EXPECT_NEAR(*temperature, kTrue, 0.05);
  const double least = NegativeLogLikelihood(set.probabilities, set.labels, *temperature);
  for (const double factor : {0.98, 1.02}) {
    EXPECT_LT(least, NegativeLogLikelihood(set.probabilities, set.labels, factor * *temperature));
  }
}

TEST(FitTemperature, RefusesWhereAllAnswersAreRight) {
  Set set;
  Add(set, 50, 50, 0.9);
  const auto temperature = FitTemperature(set.probabilities, set.labels);
  EXPECT_EQ(temperature.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(temperature.status().message()), HasSubstr("right about"));
}

TEST(FitTemperature, RefusesWhereTheAnswersAreWorseThanGuesses) {
  Set set;
  Add(set, 50, 10, 0.9);
  const auto temperature = FitTemperature(set.probabilities, set.labels);
  EXPECT_EQ(temperature.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(temperature.status().message()), HasSubstr("no better than a guess"));
}

}  // namespace
}  // namespace digits
