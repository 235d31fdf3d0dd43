#include "trainer/training/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <vector>

#include "trainer/training/buffer.h"

namespace digits {
namespace {

using testing::FloatNear;
using testing::Pointwise;

// Two steps from [1, -2, 0.5] with the gradients [0.5, 1, -4] and [-1, 0.25, 2].
std::vector<float> TwoSteps(Optimizer& optimizer) {
  FloatBuffer values(kLanes);
  FloatBuffer gradients(kLanes);
  std::ranges::copy(std::array{1.0f, -2.0f, 0.5f}, values.begin());
  const ParameterGroup group = {values, gradients};
  std::ranges::copy(std::array{0.5f, 1.0f, -4.0f}, gradients.begin());
  optimizer.Step(std::span(&group, 1));
  std::ranges::copy(std::array{-1.0f, 0.25f, 2.0f}, gradients.begin());
  optimizer.Step(std::span(&group, 1));
  return {values.begin(), values.begin() + 3};
}

// Reference values by numpy: w -= 0.1 g.
TEST(OptimizerTest, SgdDescends) {
  const std::unique_ptr<Optimizer> sgd = MakeSgd(0.1f, 0);
  const std::vector<float> expected = {1.05f, -2.125f, 0.7f};
  EXPECT_THAT(TwoSteps(*sgd), Pointwise(FloatNear(1e-6f), expected));
}

// Reference values by numpy: v = 0.9 v + g; w -= 0.1 v.
TEST(OptimizerTest, MomentumKeepsAVelocity) {
  const std::unique_ptr<Optimizer> sgd = MakeSgd(0.1f, 0.9f);
  const std::vector<float> expected = {1.005f, -2.215f, 1.06f};
  EXPECT_THAT(TwoSteps(*sgd), Pointwise(FloatNear(1e-6f), expected));
}

TEST(OptimizerTest, EachGroupHasAVelocityOfItsOwn) {
  FloatBuffer first(kLanes), second(2 * kLanes);
  const FloatBuffer first_gradient(kLanes, 1.0f), second_gradient(2 * kLanes, -2.0f);
  const std::array groups = {ParameterGroup{first, first_gradient},
                             ParameterGroup{second, second_gradient}};
  const std::unique_ptr<Optimizer> sgd = MakeSgd(0.5f, 0.5f);
  sgd->Step(groups);
  sgd->Step(groups);
  EXPECT_THAT(first, testing::Each(-1.25f));  // -0.5 (1 + 1.5)
  EXPECT_THAT(second, testing::Each(2.5f));
}

}  // namespace
}  // namespace digits
