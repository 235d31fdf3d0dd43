// What a network gives in 8-bit integers, by the definition in int8_network.h, in whole numbers and
// float64.
#ifndef DIGITS_TESTS_SERVER_ENGINE_INT8_REFERENCE_H_
#define DIGITS_TESTS_SERVER_ENGINE_INT8_REFERENCE_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "server/model/network.h"

namespace digits {

inline double ReferenceActivation(Activation activation, double sum) {
  if (activation == Activation::kRelu) return std::max(sum, 0.0);
  if (activation == Activation::kSigmoid) return 1 / (1 + std::exp(-sum));
  if (activation == Activation::kTanh) return std::tanh(sum);
  return sum;
}

// Sets as input ranges what the hidden layers give for these images at most, as a trainer does.
inline void Calibrate(Network& network, std::span<const uint8_t> pixels) {
  network.input_ranges.assign(network.layers.size() - 1, 1e-3f);
  for (size_t begin = 0; begin < pixels.size(); begin += 784) {
    std::vector<double> values;
    for (const uint8_t pixel : pixels.subspan(begin, 784)) {
      values.push_back(static_cast<double>(pixel) * network.input_scale + network.input_offset);
    }
    for (size_t l = 0; l + 1 < network.layers.size(); ++l) {
      const DenseLayer& layer = network.layers[l];
      std::vector<double> next;
      const float* weight = layer.weights.data();
      for (const float bias : layer.bias) {
        double sum = bias;
        for (const double value : values) sum += value * *weight++;
        next.push_back(ReferenceActivation(layer.activation, sum));
        float& range = network.input_ranges[l];
        range = std::max(range, static_cast<float>(std::abs(next.back())));
      }
      values = next;
    }
  }
}

// A number, and how far from it one may be that was computed in float32.
struct Bounded {
  double value = 0;
  double error = 0;
};

// A layer's integers and scales, made anew.
struct ReferenceInt8Layer {
  explicit ReferenceInt8Layer(const DenseLayer& layer) {
    const auto inputs = static_cast<size_t>(layer.inputs);
    for (size_t o = 0; o < layer.bias.size(); ++o) {
      const auto row = std::span(layer.weights).subspan(o * inputs, inputs);
      double largest = 0;
      for (const float weight : row) largest = std::max(largest, std::abs(double{weight}));
      int exponent = 0;
      const double fraction = std::frexp(largest / 127, &exponent);
      const double scale =
          std::max(std::ldexp(std::floor(std::ldexp(fraction, 17)), exponent - 17), 0x1p-64);
      scales.push_back(scale);
      for (const float weight : row) {
        values.push_back(static_cast<int>(std::nearbyint(weight / scale)));
      }
    }
  }

  std::vector<int> values;
  std::vector<double> scales;
};

// The logits of one image, 784 pixels. What float32 rounds comes in where a sum lies so near to the
// middle between two bytes that it may become either: then the next layer's sums may differ by what
// that is worth.
inline std::vector<Bounded> ReferenceInt8Logits(const Network& network,
                                                std::span<const uint8_t> pixels) {
  constexpr double kRounding = 0x1p-21;         // a few roundings to 24 bits
  constexpr double kActivationError = 0x1p-17;  // of oneDNN's sigmoid and tanh
  std::vector<Bounded> bytes;
  for (const uint8_t pixel : pixels) bytes.push_back({static_cast<double>(pixel), 0});
  double s = network.input_scale;
  double z = network.input_offset;
  for (size_t l = 0;; ++l) {
    const DenseLayer& layer = network.layers[l];
    const ReferenceInt8Layer quantized(layer);
    std::vector<Bounded> sums;
    const int* q = quantized.values.data();
    for (size_t o = 0; o < layer.bias.size(); ++o) {
      double sum = 0;
      double error = 0;
      double row = 0;
      for (const Bounded& byte : bytes) {
        sum += *q * byte.value;
        error += std::abs(*q) * byte.error;
        row += *q++;
      }
      const double product = quantized.scales[o] * s * sum;
      const double bias = layer.bias[o] + quantized.scales[o] * z * row;
      sums.push_back({product + bias, std::abs(quantized.scales[o] * s) * error +
                                          kRounding * (std::abs(product) + std::abs(bias))});
    }
    if (l + 1 == network.layers.size()) return sums;
    const double range = network.input_ranges[l];
    const bool tanh = layer.activation == Activation::kTanh;
    s = range / (tanh ? 127 : 255);
    z = tanh ? -128 * s : 0;
    const double error = layer.activation == Activation::kRelu ? 0 : kActivationError;
    const auto to_byte = [&](double sum, double shift) {
      const double value = ReferenceActivation(layer.activation, sum) + shift;
      return std::clamp(std::nearbyint((value - z) / s), 0.0, 255.0);
    };
    bytes.clear();
    for (const Bounded& sum : sums) {
      const double byte = to_byte(sum.value, 0);
      bytes.push_back({byte, std::max(to_byte(sum.value + sum.error, error) - byte,
                                      byte - to_byte(sum.value - sum.error, -error))});
    }
  }
}

}  // namespace digits

#endif  // DIGITS_TESTS_SERVER_ENGINE_INT8_REFERENCE_H_
