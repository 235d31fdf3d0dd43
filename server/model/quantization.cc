#include "server/model/quantization.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <span>

namespace digits {
namespace {

constexpr int kLargest = 127;
constexpr double kMinScale = 0x1p-64;

// Towards zero.
double CutTo17Bits(double value) {
  constexpr uint64_t kFractionBits = 52;
  constexpr uint64_t kCut = (uint64_t{1} << (kFractionBits - 16)) - 1;
  return std::bit_cast<double>(std::bit_cast<uint64_t>(value) & ~kCut);
}

}  // namespace

QuantizedWeights Quantize(const DenseLayer& layer) {
  QuantizedWeights quantized;
  quantized.values.resize(layer.weights.size());
  const auto inputs = static_cast<size_t>(layer.inputs);
  for (size_t o = 0; o < layer.bias.size(); ++o) {
    const std::span<const float> row = std::span(layer.weights).subspan(o * inputs, inputs);
    float largest = 0;
    for (const float weight : row) largest = std::max(largest, std::abs(weight));
    const double scale = std::max(CutTo17Bits(static_cast<double>(largest) / kLargest), kMinScale);
    int8_t* const values = quantized.values.data() + o * inputs;
    for (size_t i = 0; i < inputs; ++i) {
      // A sum with this number has no room for a fraction, and rounds as std::nearbyint() does.
      constexpr double kNoFraction = 0x1.8p52;
      const double rounded = (static_cast<double>(row[i]) / scale + kNoFraction) - kNoFraction;
      values[i] = static_cast<int8_t>(static_cast<int32_t>(rounded));
    }
    quantized.scales.push_back(static_cast<float>(scale));
  }
  return quantized;
}

std::vector<float> Dequantize(const QuantizedWeights& weights) {
  std::vector<float> values(weights.values.size());
  const size_t inputs = weights.values.size() / weights.scales.size();
  for (size_t o = 0; o < weights.scales.size(); ++o) {
    const float scale = weights.scales[o];
    for (size_t i = o * inputs; i < (o + 1) * inputs; ++i) {
      values[i] = static_cast<float>(weights.values[i]) * scale;
    }
  }
  return values;
}

}  // namespace digits
