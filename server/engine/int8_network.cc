#include "server/engine/int8_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <utility>

#include "server/model/quantization.h"

namespace digits {
namespace {

// What a layer's input bytes stand for: byte x scale + offset.
struct Code {
  double scale = 1;
  double offset = 0;
};

Code InputCode(const Network& network, size_t layer) {
  if (layer == 0) return {network.input_scale, network.input_offset};
  const double range = network.input_ranges[layer - 1];
  if (network.layers[layer - 1].activation != Activation::kTanh) return {range / 255, 0};
  return {range / 127, -128 * range / 127};
}

// Such values are exact where they are multiplied and divided by one another.
bool IsUsable(float scale, float bias) {
  return std::isnormal(scale) && std::isfinite(bias) && std::isfinite(bias / scale);
}

}  // namespace

absl::StatusOr<std::vector<Int8Layer>> MakeInt8Network(const Network& network) {
  assert(HasInputRanges(network));
  std::vector<Int8Layer> layers;
  for (size_t l = 0; l < network.layers.size(); ++l) {
    const DenseLayer& layer = network.layers[l];
    QuantizedWeights quantized = Quantize(layer);
    Int8Layer made;
    made.inputs = layer.inputs;
    made.outputs = layer.outputs;
    const Code in = InputCode(network, l);
    double divisor = 1;
    if (layer.activation != Activation::kSoftmax) {
      const Code out = InputCode(network, l + 1);
      if (layer.activation == Activation::kRelu) {
        divisor = out.scale;
      } else {
        made.activation = Int8Activation{layer.activation, static_cast<float>(1 / out.scale),
                                         static_cast<float>(-out.offset / out.scale)};
        if (!std::isfinite(made.activation->scale)) {
          return absl::InvalidArgumentError(
              fmt::format("layer {}: its input range {} is too small for int8", l + 1,
                          network.input_ranges[l]));
        }
      }
    }
    const auto inputs = static_cast<size_t>(layer.inputs);
    for (size_t o = 0; o < layer.bias.size(); ++o) {
      const std::span<const int8_t> row = std::span(quantized.values).subspan(o * inputs, inputs);
      const double scale = quantized.scales[o];
      const int32_t sum = std::accumulate(row.begin(), row.end(), 0);
      made.scales.push_back(static_cast<float>(scale * in.scale / divisor));
      made.bias.push_back(static_cast<float>((layer.bias[o] + scale * in.offset * sum) / divisor));
      if (!IsUsable(made.scales.back(), made.bias.back())) {
        return absl::InvalidArgumentError(fmt::format(
            "layer {}: the weights and the bias of its output {} are too far apart for int8", l,
            o));
      }
    }
    made.weights = std::move(quantized.values);
    layers.push_back(std::move(made));
  }
  return layers;
}

}  // namespace digits
