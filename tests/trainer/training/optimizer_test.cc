#include "trainer/training/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "trainer/training/buffer.h"
#include "trainer/training/random.h"

namespace digits {
namespace {

using testing::FloatNear;
using testing::Pointwise;

// Two steps of 0.1 from [1, -2, 0.5] with the gradients [0.5, 1, -4] and [-1, 0.25, 2].
std::vector<float> TwoSteps(const OptimizerOptions& options) {
  FloatBuffer values(kLanes);
  FloatBuffer gradients(kLanes);
  std::ranges::copy(std::array{1.0f, -2.0f, 0.5f}, values.begin());
  const ParameterGroup group = {values, gradients, kLanes};
  const std::unique_ptr<Optimizer> optimizer = MakeOptimizer(options, std::span(&group, 1));
  std::ranges::copy(std::array{0.5f, 1.0f, -4.0f}, gradients.begin());
  optimizer->Step(0.1);
  std::ranges::copy(std::array{-1.0f, 0.25f, 2.0f}, gradients.begin());
  optimizer->Step(0.1);
  EXPECT_EQ(optimizer->steps(), 2u);
  return {values.begin(), values.begin() + 3};
}

// Reference values by numpy: w -= 0.1 g.
TEST(OptimizerTest, SgdDescends) {
  const std::vector<float> expected = {1.05f, -2.125f, 0.7f};
  EXPECT_THAT(TwoSteps({}), Pointwise(FloatNear(1e-6f), expected));
}

// Reference values by numpy: v = 0.9 v + g; w -= 0.1 v.
TEST(OptimizerTest, MomentumKeepsAVelocity) {
  const std::vector<float> expected = {1.005f, -2.215f, 1.06f};
  EXPECT_THAT(TwoSteps({.momentum = 0.9}), Pointwise(FloatNear(1e-6f), expected));
}

// By hand: v = g, w -= 0.1 (g + 0.9 v) = 0.19 g; then v = 0.9 v + g, w -= 0.1 (g + 0.9 v).
TEST(OptimizerTest, NesterovsMomentumLooksAhead) {
  const std::vector<float> expected = {1.0545f, -2.3185f, 1.204f};
  EXPECT_THAT(TwoSteps({.momentum = 0.9, .nesterov = true}), Pointwise(FloatNear(1e-6f), expected));
}

// The equations of optimizer.h in float64.
double Reference(const OptimizerOptions& o, double value, bool is_weight, double rate,
                 std::span<const double> gradients) {
  double first = 0, second = 0;
  const double decay = is_weight ? o.weight_decay : 0;
  for (size_t t = 1; t <= gradients.size(); ++t) {
    if (o.kind == OptimizerKind::kSgd) {
      const double g = gradients[t - 1] + decay * value;
      first = o.momentum * first + g;
      value -= rate * (o.nesterov ? g + o.momentum * first : first);
      continue;
    }
    const double g = gradients[t - 1];
    first = o.beta1 * first + (1 - o.beta1) * g;
    second = o.beta2 * second + (1 - o.beta2) * g * g;
    const double m = first / (1 - std::pow(o.beta1, static_cast<double>(t)));
    const double v = second / (1 - std::pow(o.beta2, static_cast<double>(t)));
    value -= rate * (m / (std::sqrt(v) + o.epsilon) + decay * value);
  }
  return value;
}

class UpdatesTest : public testing::TestWithParam<OptimizerOptions> {};

TEST_P(UpdatesTest, AreThoseOfThePapersInFloat64) {
  constexpr size_t kSteps = 20, kSize = 4 * kLanes, kWeights = 3 * kLanes;
  Random random(3, RandomStream::kInitialWeights);
  FloatBuffer values(kSize), gradients(kSize);
  for (float& value : values) value = random.Uniform(-1, 1);
  const FloatBuffer start = values;
  std::vector<std::vector<double>> all_gradients(kSize);
  const ParameterGroup group = {values, gradients, kWeights};
  const std::unique_ptr<Optimizer> optimizer = MakeOptimizer(GetParam(), std::span(&group, 1));
  for (size_t t = 0; t < kSteps; ++t) {
    for (size_t i = 0; i < kSize; ++i) {
      gradients[i] = random.Uniform(-0.5f, 0.6f);
      all_gradients[i].push_back(gradients[i]);
    }
    optimizer->Step(0.03);
  }
  for (size_t i = 0; i < kSize; ++i) {
    EXPECT_NEAR(values[i], Reference(GetParam(), start[i], i < kWeights, 0.03, all_gradients[i]),
                2e-6)
        << i;
  }
}

std::string NameOfOptimizer(const testing::TestParamInfo<OptimizerOptions>& info) {
  const OptimizerOptions& o = info.param;
  std::string name = o.kind == OptimizerKind::kSgd ? "Sgd" : "AdamW";
  if (o.momentum > 0) name += "Momentum";
  if (o.nesterov) name += "Nesterov";
  if (o.weight_decay > 0) name += "Decay";
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Optimizers, UpdatesTest,
    testing::Values(OptimizerOptions{}, OptimizerOptions{.momentum = 0.9},
                    OptimizerOptions{.momentum = 0.9, .nesterov = true},
                    OptimizerOptions{.weight_decay = 0.1},
                    OptimizerOptions{.momentum = 0.9, .weight_decay = 0.1},
                    OptimizerOptions{.momentum = 0.9, .nesterov = true, .weight_decay = 0.1},
                    OptimizerOptions{.kind = OptimizerKind::kAdamW},
                    OptimizerOptions{.kind = OptimizerKind::kAdamW, .weight_decay = 0.1}),
    NameOfOptimizer);

TEST(OptimizerTest, EachGroupHasAVelocityOfItsOwn) {
  FloatBuffer first(kLanes), second(2 * kLanes);
  const FloatBuffer first_gradient(kLanes, 1.0f), second_gradient(2 * kLanes, -2.0f);
  const std::array groups = {ParameterGroup{first, first_gradient, kLanes},
                             ParameterGroup{second, second_gradient, kLanes}};
  const std::unique_ptr<Optimizer> sgd = MakeOptimizer({.momentum = 0.5}, groups);
  sgd->Step(0.5);
  sgd->Step(0.5);
  EXPECT_THAT(first, testing::Each(-1.25f));  // -0.5 (1 + 1.5)
  EXPECT_THAT(second, testing::Each(2.5f));
}

TEST(OptimizerTest, ThreadsChangeNoBit) {
  constexpr size_t kSize = 100'000 / kLanes * kLanes;
  const int threads_before = omp_get_max_threads();
  for (const OptimizerOptions& options :
       {OptimizerOptions{}, OptimizerOptions{.momentum = 0.9, .nesterov = true},
        OptimizerOptions{.kind = OptimizerKind::kAdamW, .weight_decay = 0.1}}) {
    std::vector<FloatBuffer> results;
    for (const int threads : {1, 3}) {
      omp_set_num_threads(threads);
      Random random(3, RandomStream::kInitialWeights);
      FloatBuffer values(kSize), gradients(kSize);
      for (float& value : values) value = random.Uniform(-1, 1);
      for (float& gradient : gradients) gradient = random.Uniform(-1, 1);
      const ParameterGroup group = {values, gradients, kSize - 3 * kLanes};
      const std::unique_ptr<Optimizer> optimizer = MakeOptimizer(options, std::span(&group, 1));
      for (int step = 0; step < 3; ++step) optimizer->Step(0.1);
      results.push_back(values);
    }
    EXPECT_TRUE(results[0] == results[1]);
  }
  omp_set_num_threads(threads_before);
}

}  // namespace
}  // namespace digits
