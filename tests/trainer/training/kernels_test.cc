#include "trainer/training/kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/server/simd/every_cpu.h"
#include "trainer/training/buffer.h"
#include "trainer/training/random.h"

namespace digits {
namespace {

constexpr size_t kInputs = 37;

// Every kernel against plain loops in float64, for each kind of processor that this one is, each
// number of registers in a row, and numbers of rows with and without a rest.
class KernelsTest : public testing::TestWithParam<std::tuple<Cpu, size_t, size_t>> {
 protected:
  void SetUp() override {
    UseKernelsFor(cpu_);
    for (size_t r = 0; r < rows_; ++r) {
      std::vector<SparsePixel>& pixels = pixels_.emplace_back();
      for (uint16_t column = 0; column < kInputs; ++column) {
        // The first image is empty.
        if (r > 0 && random_.Below(3) > 0) pixels.push_back({column, NextLevel()});
      }
    }
    for (const std::vector<SparsePixel>& pixels : pixels_) sparse_rows_.emplace_back(pixels);
    for (float& value : values_) value = random_.Uniform(-1, 1);
    sparse_as_dense_.resize(rows_ * stride_);
    for (size_t r = 0; r < rows_; ++r) {
      for (const SparsePixel& pixel : pixels_[r]) {
        sparse_as_dense_[r * stride_ + pixel.column] = values_.at(pixel.level);
      }
    }
  }
  void TearDown() override { UseKernelsFor(BestCpu()); }

  uint8_t NextLevel() { return static_cast<uint8_t>(1 + random_.Below(255)); }

  FloatBuffer Filled(size_t size) {
    FloatBuffer buffer(size);
    for (float& value : buffer) value = random_.Uniform(-1, 1);
    return buffer;
  }

  SparseRows sparse() const { return {sparse_rows_, values_.data()}; }

  std::vector<double> Forward(const FloatBuffer& input, const FloatBuffer& weights,
                              const FloatBuffer& bias) const {
    std::vector<double> output(rows_ * width_);
    for (size_t r = 0; r < rows_; ++r) {
      for (size_t o = 0; o < width_; ++o) {
        double sum = bias[o];
        for (size_t i = 0; i < kInputs; ++i) {
          sum += static_cast<double>(input[r * stride_ + i]) * weights[i * width_ + o];
        }
        output[r * width_ + o] = sum;
      }
    }
    return output;
  }

  std::vector<double> WeightGradient(const FloatBuffer& input, const FloatBuffer& output_gradient,
                                     const FloatBuffer& before) const {
    std::vector<double> gradient(before.begin(), before.end());
    for (size_t r = 0; r < rows_; ++r) {
      for (size_t i = 0; i < kInputs; ++i) {
        for (size_t o = 0; o < width_; ++o) {
          gradient[i * width_ + o] +=
              static_cast<double>(input[r * stride_ + i]) * output_gradient[r * width_ + o];
        }
      }
    }
    return gradient;
  }

  static void ExpectNear(const FloatBuffer& actual, const std::vector<double>& expected) {
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 1e-5) << i;
  }

  const Cpu cpu_ = std::get<0>(GetParam());
  const size_t width_ = std::get<1>(GetParam());
  const size_t rows_ = std::get<2>(GetParam());
  const size_t stride_ = 48;
  Random random_{1, RandomStream::kInitialWeights};
  std::vector<std::vector<SparsePixel>> pixels_;
  std::vector<SparseRow> sparse_rows_;
  std::array<float, 256> values_{};
  FloatBuffer sparse_as_dense_;
};

TEST_P(KernelsTest, ForwardSumsTheInputs) {
  const FloatBuffer weights = Filled(kInputs * width_), bias = Filled(width_);
  FloatBuffer output(rows_ * width_);
  ForwardSparse(sparse(), weights.data(), bias.data(), width_, output.data());
  ExpectNear(output, Forward(sparse_as_dense_, weights, bias));

  const FloatBuffer input = Filled(rows_ * stride_);
  ForwardDense({input.data(), stride_}, rows_, kInputs, weights.data(), bias.data(), width_,
               output.data());
  ExpectNear(output, Forward(input, weights, bias));
}

TEST_P(KernelsTest, WeightGradientsAddUp) {
  const FloatBuffer output_gradient = Filled(rows_ * width_);
  const FloatBuffer before = Filled(kInputs * width_);
  FloatBuffer gradient = before;
  WeightGradientSparse(sparse(), output_gradient.data(), width_, gradient.data());
  ExpectNear(gradient, WeightGradient(sparse_as_dense_, output_gradient, before));

  const FloatBuffer input = Filled(rows_ * stride_);
  gradient = before;
  WeightGradientDense({input.data(), stride_}, rows_, kInputs, output_gradient.data(), width_,
                      gradient.data());
  ExpectNear(gradient, WeightGradient(input, output_gradient, before));
}

TEST_P(KernelsTest, BiasGradientsAddUp) {
  const FloatBuffer output_gradient = Filled(rows_ * width_);
  FloatBuffer gradient = Filled(width_);
  std::vector<double> expected(gradient.begin(), gradient.end());
  for (size_t i = 0; i < output_gradient.size(); ++i) expected[i % width_] += output_gradient[i];
  BiasGradient(output_gradient.data(), rows_, width_, gradient.data());
  ExpectNear(gradient, expected);
}

TEST_P(KernelsTest, ReluKeepsWhatIsPositiveAndWhatIsNoNumber) {
  FloatBuffer values(width_, -1.0f);
  values[0] = 2;
  values[1] = 0;
  values[2] = std::numeric_limits<float>::quiet_NaN();
  Relu(values.data(), values.size());
  EXPECT_EQ(values[0], 2);
  EXPECT_EQ(values[1], 0);
  EXPECT_TRUE(std::isnan(values[2]));
  EXPECT_EQ(values[3], 0);

  FloatBuffer gradients(width_, 3.0f);
  ReluGradient(values.data(), gradients.data(), gradients.size());
  EXPECT_EQ(gradients[0], 3);
  EXPECT_EQ(gradients[1], 0);
  EXPECT_EQ(gradients[3], 0);
}

TEST_P(KernelsTest, DescentFollowsTheGradient) {
  const FloatBuffer gradients = Filled(width_);
  FloatBuffer parameters = Filled(width_);
  std::vector<double> expected(parameters.begin(), parameters.end());
  for (size_t i = 0; i < width_; ++i) expected[i] -= 0.25 * gradients[i];
  Descend(parameters.data(), gradients.data(), width_, 0.25f);
  ExpectNear(parameters, expected);
}

std::string NameOfShape(const testing::TestParamInfo<std::tuple<Cpu, size_t, size_t>>& info) {
  const auto [cpu, width, rows] = info.param;
  return CpuName(cpu) + "Width" + std::to_string(width) + "Rows" + std::to_string(rows);
}

INSTANTIATE_TEST_SUITE_P(Kernels, KernelsTest,
                         testing::Combine(testing::ValuesIn(EveryCpu()),
                                          testing::Values(16, 32, 48, 112),
                                          testing::Values(1, 7, 32)),
                         NameOfShape);

}  // namespace
}  // namespace digits
