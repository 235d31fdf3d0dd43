#include "trainer/training/weight_average.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <span>

namespace digits {
namespace {

TEST(WeightAverageTest, FollowsTheFormulaInFloat64) {
  FloatBuffer values(kLanes, 1.0f);
  const FloatBuffer gradients(kLanes);
  const ParameterGroup group = {values, gradients, kLanes};
  WeightAverage average(std::span(&group, 1), 0.5);
  double expected = 1;
  for (uint64_t t = 1; t <= 20; ++t) {
    const float value = static_cast<float>(t) * 0.37f - 2;
    std::ranges::fill(values, value);
    average.Update(t);
    const double n = static_cast<double>(t);
    const double decay = std::min(0.5, (1 + n) / (10 + n));
    expected = decay * expected + (1 - decay) * value;
    EXPECT_NEAR(average.averages()[0][3], expected, 1e-5) << "after step " << t;
  }
}

TEST(WeightAverageTest, TwoSwapsLeaveEverythingAsItWas) {
  FloatBuffer values(kLanes, 1.0f);
  const FloatBuffer gradients(kLanes);
  const ParameterGroup group = {values, gradients, kLanes};
  WeightAverage average(std::span(&group, 1), 0.5);
  std::ranges::fill(values, 3.0f);
  average.Swap();
  EXPECT_THAT(values, testing::Each(1.0f));
  average.Swap();
  EXPECT_THAT(values, testing::Each(3.0f));
  EXPECT_THAT(average.averages()[0], testing::Each(1.0f));
}

}  // namespace
}  // namespace digits
