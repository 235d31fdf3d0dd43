#include "trainer/training/elementwise_kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "tests/server/simd/every_cpu.h"
#include "trainer/training/buffer.h"

namespace digits {
namespace {

using ElementwiseKernelsTest = EveryCpuTest;

TEST_P(ElementwiseKernelsTest, TanhIsThatOfFloat64) {
  FloatBuffer values(32'000);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = (static_cast<float>(i) - 16'000) * 1e-3f;
  }
  const FloatBuffer arguments = values;
  Tanh(values.data(), values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    ASSERT_NEAR(values[i], std::tanh(static_cast<double>(arguments[i])), 4e-7) << arguments[i];
    ASSERT_LE(std::abs(values[i]), 1.0f) << arguments[i];
  }
}

TEST_P(ElementwiseKernelsTest, TanhOfTheExtremesIsTheirLimit) {
  FloatBuffer values(kLanes);
  values[0] = std::numeric_limits<float>::infinity();
  values[1] = -values[0];
  values[2] = std::numeric_limits<float>::quiet_NaN();
  values[3] = 1e-20f;
  Tanh(values.data(), kLanes);
  EXPECT_NEAR(values[0], 1, 4e-7);
  EXPECT_NEAR(values[1], -1, 4e-7);
  EXPECT_TRUE(std::isnan(values[2]));
  EXPECT_NEAR(values[3], 1e-20f, 1e-26f);
  EXPECT_EQ(values[4], 0);
}

constexpr uint32_t kQuarter = 1u << 30;

TEST_P(ElementwiseKernelsTest, DropOutLeavesOutItsShareAndScalesTheRest) {
  FloatBuffer values(64'000, 3.0f);
  DropOut(values.data(), values.size(), 7, kQuarter, 2);
  EXPECT_THAT(values, testing::Each(testing::AnyOf(0.0f, 6.0f)));
  // Four standard deviations of a binomial count.
  EXPECT_NEAR(static_cast<double>(std::ranges::count(values, 0.0f)), 16'000, 440);
}

TEST_P(ElementwiseKernelsTest, DropOutDependsOnTheKeyAndThePlace) {
  const auto dropped = [](uint64_t key) {
    FloatBuffer values(4'096, 1.0f);
    DropOut(values.data(), values.size(), key, 1u << 31, 1);
    return values;
  };
  const FloatBuffer first = dropped(1);
  EXPECT_TRUE(first == dropped(1));
  // Other keys agree in half of the places, as coins would.
  for (const uint64_t key : {uint64_t{2}, uint64_t{3}, uint64_t{1} + (uint64_t{1} << 40)}) {
    const FloatBuffer other = dropped(key);
    int same = 0;
    for (size_t i = 0; i < first.size(); ++i) same += first[i] == other[i];
    EXPECT_NEAR(same, 2'048, 128) << key;
  }
  // And so do neighbours.
  int same = 0;
  for (size_t i = 1; i < first.size(); ++i) same += first[i] == first[i - 1];
  EXPECT_NEAR(same, 2'048, 128);
}

INSTANTIATE_TEST_SUITE_P(Cpus, ElementwiseKernelsTest, testing::ValuesIn(EveryCpu()),
                         CpuNameOfTest);

}  // namespace
}  // namespace digits
