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
  quantized.values.reserve(layer.weights.size());
  const auto inputs = static_cast<size_t>(layer.inputs);
  for (size_t o = 0; o < layer.bias.size(); ++o) {
    const std::span<const float> row = std::span(layer.weights).subspan(o * inputs, inputs);
    float largest = 0;
    for (const float weight : row) largest = std::max(largest, std::abs(weight));
    const double scale = std::max(CutTo17Bits(static_cast<double>(largest) / kLargest), kMinScale);
    for (const float weight : row) {
      quantized.values.push_back(
          static_cast<int8_t>(std::nearbyint(static_cast<double>(weight) / scale)));
    }
    quantized.scales.push_back(static_cast<float>(scale));
  }
  return quantized;
}

std::vector<float> Dequantize(const QuantizedWeights& weights) {
  std::vector<float> values;
  values.reserve(weights.values.size());
  const size_t inputs = weights.values.size() / weights.scales.size();
  for (size_t i = 0; i < weights.values.size(); ++i) {
    values.push_back(static_cast<float>(weights.values[i]) * weights.scales[i / inputs]);
  }
  return values;
}

}  // namespace digits
