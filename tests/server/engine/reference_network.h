// Random networks, and what they give, in plain loops of float64.
#ifndef DIGITS_TESTS_SERVER_ENGINE_REFERENCE_NETWORK_H_
#define DIGITS_TESTS_SERVER_ENGINE_REFERENCE_NETWORK_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "server/model/network.h"

namespace digits {

// `widths` begin with 784; `hidden` follows every layer but the last. The weights have the spread
// that keeps activations near 1.
inline Network RandomNetwork(const std::vector<int>& widths, Activation hidden, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Network network;
  for (size_t i = 1; i < widths.size(); ++i) {
    DenseLayer layer = {.inputs = widths[i - 1], .outputs = widths[i], .weights = {}, .bias = {}};
    layer.activation = i + 1 == widths.size() ? Activation::kSoftmax : hidden;
    const float spread = std::sqrt(2.0f / static_cast<float>(layer.inputs));
    for (int k = 0; k < layer.inputs * layer.outputs; ++k) {
      layer.weights.push_back(spread * normal(random));
    }
    for (int k = 0; k < layer.outputs; ++k) layer.bias.push_back(0.1f * normal(random));
    network.layers.push_back(std::move(layer));
  }
  for (int i = 0; i < widths.back(); ++i) network.class_names.push_back(std::to_string(i));
  return network;
}

struct NetworkCase {
  std::string name;
  std::vector<int> widths;
  Activation hidden = Activation::kRelu;
  float input_scale = 1.0f / 255;
  float input_offset = 0;
};

// Shapes, activations and inputs of all kinds.
inline std::vector<NetworkCase> NetworkCases() {
  return {
      {"Article", {784, 16, 16, 10}},
      {"Sigmoid", {784, 16, 16, 10}, Activation::kSigmoid},
      {"Tanh", {784, 16, 16, 10}, Activation::kTanh},
      {"OneLayer", {784, 10}},
      {"TwoClasses", {784, 7, 2}},
      {"OneUnit", {784, 1, 3}},
      {"ManyClasses", {784, 33, 256}},
      {"Wide", {784, 512, 300, 62}},
      {"WideTanh", {784, 300, 100, 10}, Activation::kTanh},
      {"Deep", {784, 20, 20, 20, 20, 20, 20, 20, 10}},
      // By MNIST's mean and deviation.
      {"Standardised", {784, 64, 10}, Activation::kRelu, 1 / (255 * 0.3081f), -0.1307f / 0.3081f},
      {"Inverted", {784, 64, 10}, Activation::kRelu, -1.0f / 255, 1},
      {"InvertedTanh", {784, 64, 10}, Activation::kTanh, -1.0f / 255, 1}};
}

inline Network MakeNetworkOf(const NetworkCase& of) {
  Network network = RandomNetwork(of.widths, of.hidden, 1);
  network.input_scale = of.input_scale;
  network.input_offset = of.input_offset;
  return network;
}

// n x 784, of which about half are 0 as in pictures of digits.
inline std::vector<uint8_t> RandomPixels(size_t n, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> pixels(n * 784);
  for (uint8_t& pixel : pixels) {
    const unsigned value = static_cast<unsigned>(random() % 512);
    pixel = static_cast<uint8_t>(value < 256 ? value : 0);
  }
  return pixels;
}

// The logits of one image, 784 pixels.
inline std::vector<double> ReferenceLogits(const Network& network,
                                           std::span<const uint8_t> pixels) {
  std::vector<double> values;
  for (const uint8_t pixel : pixels) {
    values.push_back(pixel * static_cast<double>(network.input_scale) +
                     static_cast<double>(network.input_offset));
  }
  for (const DenseLayer& layer : network.layers) {
    std::vector<double> next;
    const float* weight = layer.weights.data();
    for (const float bias : layer.bias) {
      double sum = bias;
      for (const double value : values) sum += value * static_cast<double>(*weight++);
      if (layer.activation == Activation::kRelu) sum = std::max(sum, 0.0);
      if (layer.activation == Activation::kSigmoid) sum = 1 / (1 + std::exp(-sum));
      if (layer.activation == Activation::kTanh) sum = std::tanh(sum);
      next.push_back(sum);
    }
    values = next;
  }
  return values;
}

// Images in the reverse order of `pixels`, n x 784.
struct Reversed {
  std::vector<const uint8_t*> apart;  // where they lie in `pixels`
  std::vector<uint8_t> together;      // the same one after another
};

inline Reversed Reverse(std::span<const uint8_t> pixels) {
  Reversed reversed;
  for (size_t end = pixels.size(); end > 0; end -= 784) {
    const auto image = pixels.subspan(end - 784, 784);
    reversed.apart.push_back(image.data());
    reversed.together.insert(reversed.together.end(), image.begin(), image.end());
  }
  return reversed;
}

// The probabilities of one image, 784 pixels.
inline std::vector<double> ReferenceProbabilities(const Network& network,
                                                  std::span<const uint8_t> pixels) {
  std::vector<double> values = ReferenceLogits(network, pixels);
  for (double& value : values) value /= static_cast<double>(network.temperature);
  const double largest = *std::ranges::max_element(values);
  double total = 0;
  for (double& value : values) total += value = std::exp(value - largest);
  for (double& value : values) value /= total;
  return values;
}

}  // namespace digits

#endif  // DIGITS_TESTS_SERVER_ENGINE_REFERENCE_NETWORK_H_
