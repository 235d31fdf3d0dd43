#include "server/model/quantization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace digits {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Pointwise;

DenseLayer MakeLayer(int inputs, std::vector<float> weights) {
  DenseLayer layer;
  layer.inputs = inputs;
  layer.outputs = static_cast<int>(weights.size()) / inputs;
  layer.weights = std::move(weights);
  layer.bias.resize(static_cast<size_t>(layer.outputs));
  return layer;
}

// Rows whose largest weights are of all sizes that floats have.
DenseLayer RandomLayer(int outputs, int inputs) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> weights;
  for (int o = 0; o < outputs; ++o) {
    const int exponent = static_cast<int>(random() % 220) - 95;
    for (int i = 0; i < inputs; ++i) weights.push_back(std::ldexp(normal(random), exponent));
  }
  return MakeLayer(inputs, weights);
}

TEST(QuantizationTest, MakesTheLargestWeightOfARow127) {
  const QuantizedWeights quantized = Quantize(MakeLayer(3, {254, -127, 1, -0.5f, 0.25f, 0}));
  EXPECT_THAT(quantized.values, ElementsAre(127, -64, 0, -127, 64, 0));  // ties go to even
  EXPECT_EQ(quantized.scales[0], 2);
  EXPECT_NEAR(quantized.scales[1], 0.5 / 127, 0.5 / 127 * 0x1p-16);
}

TEST(QuantizationTest, RoundsTiesToEven) {
  const QuantizedWeights quantized = Quantize(MakeLayer(6, {127, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f}));
  EXPECT_EQ(quantized.scales[0], 1);
  EXPECT_THAT(quantized.values, ElementsAre(127, 2, 2, 0, -2, -2));
}

TEST(QuantizationTest, IsOffByHalfAStepAtMost) {
  const DenseLayer layer = RandomLayer(100, 50);
  const QuantizedWeights quantized = Quantize(layer);
  const std::vector<float> values = Dequantize(quantized);
  for (size_t i = 0; i < values.size(); ++i) {
    const double step = quantized.scales[i / 50];
    // The 17 bits of a scale let the largest weight stand above 127 steps by 127 x 2^-16.
    ASSERT_LE(std::abs(double{values[i]} - double{layer.weights[i]}), step * (0.5 + 0x1p-16)) << i;
  }
}

TEST(QuantizationTest, GivesTheSameValuesAndScalesForWhatItGave) {
  DenseLayer layer = RandomLayer(1000, 20);
  const QuantizedWeights once = Quantize(layer);
  layer.weights = Dequantize(once);
  const QuantizedWeights twice = Quantize(layer);
  EXPECT_THAT(twice.values, Pointwise(Eq(), once.values));
  EXPECT_THAT(twice.scales, Pointwise(Eq(), once.scales));
}

TEST(QuantizationTest, MultipliesWithoutRounding) {
  const QuantizedWeights quantized = Quantize(RandomLayer(100, 20));
  const std::vector<float> values = Dequantize(quantized);
  for (size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(double{values[i]}, double{quantized.scales[i / 20]} * quantized.values[i]);
  }
}

TEST(QuantizationTest, GivesRowsOfZerosAndOfTinyWeightsAScale) {
  const float tiny = std::numeric_limits<float>::denorm_min();
  const QuantizedWeights quantized = Quantize(MakeLayer(2, {0, -0.0f, tiny, -tiny}));
  EXPECT_THAT(quantized.values, Each(0));
  EXPECT_THAT(quantized.scales, Each(0x1p-64f));
}

TEST(QuantizationTest, KeepsTheLargestFloatsFinite) {
  const float largest = std::numeric_limits<float>::max();
  const QuantizedWeights quantized = Quantize(MakeLayer(2, {largest, -largest}));
  EXPECT_THAT(quantized.values, ElementsAre(127, -127));
  for (const float value : Dequantize(quantized)) EXPECT_TRUE(std::isfinite(value));
}

}  // namespace
}  // namespace digits
