#include "server/model/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "server/image/image.h"
#include "server/model/errors.h"
#include "server/model/name.h"

namespace digits {
namespace {

absl::Status CheckClassNames(const std::vector<std::string>& names) {
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (absl::Status status = CheckName("a class name", name); !status.ok()) return status;
    if (!seen.insert(name).second) {
      return Invalid("two classes are called '{}'", name);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckFinite(const std::vector<float>& values, std::string_view what, size_t layer) {
  const auto bad = std::ranges::find_if(values, [](float v) { return !std::isfinite(v); });
  if (bad == values.end()) return absl::OkStatus();
  return Invalid("layer {}: value {} of its {} is {}; all must be finite", layer,
                 bad - values.begin(), what, *bad);
}

absl::Status CheckLayer(const DenseLayer& layer, size_t number, int expected_inputs, bool last) {
  if (layer.inputs != expected_inputs) {
    return Invalid("layer {} has {} inputs; {} are expected", number, layer.inputs,
                   expected_inputs);
  }
  if (layer.outputs < 1 || layer.outputs > kMaxLayerOutputs) {
    return Invalid("layer {} has {} outputs; 1 to {} are allowed", number, layer.outputs,
                   kMaxLayerOutputs);
  }
  const size_t outputs = static_cast<size_t>(layer.outputs);
  const size_t weights = outputs * static_cast<size_t>(layer.inputs);
  if (layer.weights.size() != weights || layer.bias.size() != outputs) {
    return Invalid("layer {} has {} weights and {} biases; {} and {} are expected", number,
                   layer.weights.size(), layer.bias.size(), weights, outputs);
  }
  if ((layer.activation == Activation::kSoftmax) != last) {
    return Invalid("layer {} has the activation {}; the last layer has softmax, the others never",
                   number, ActivationName(layer.activation));
  }
  if (absl::Status status = CheckFinite(layer.weights, "weights", number); !status.ok()) {
    return status;
  }
  return CheckFinite(layer.bias, "bias", number);
}

absl::Status CheckInputRanges(const Network& network) {
  const std::vector<float>& ranges = network.input_ranges;
  if (!ranges.empty() && !HasInputRanges(network)) {
    return Invalid("there are {} input ranges for {} layers; all layers but the first have one",
                   ranges.size(), network.layers.size());
  }
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (!std::isfinite(ranges[i]) || ranges[i] <= 0) {
      return Invalid("the input range of layer {} is {}; it must be finite and positive", i + 1,
                     ranges[i]);
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view ActivationName(Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return "relu";
    case Activation::kSigmoid:
      return "sigmoid";
    case Activation::kTanh:
      return "tanh";
    case Activation::kSoftmax:
      return "softmax";
  }
  return "unknown";
}

bool HasInputRanges(const Network& network) {
  return network.input_ranges.size() + 1 == network.layers.size();
}

std::vector<std::string> DecimalClassNames() {
  return {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
}

std::string Architecture(const Network& network) {
  if (network.layers.empty()) return "";
  std::string text = std::to_string(network.layers.front().inputs);
  for (const DenseLayer& layer : network.layers) text += fmt::format("-{}", layer.outputs);
  return text;
}

absl::Status CheckNetwork(const Network& network) {
  if (network.layers.empty() || network.layers.size() > kMaxLayers) {
    return Invalid("the network has {} layers; 1 to {} are allowed", network.layers.size(),
                   kMaxLayers);
  }
  int inputs = kImagePixels;
  for (size_t i = 0; i < network.layers.size(); ++i) {
    const DenseLayer& layer = network.layers[i];
    const bool last = i + 1 == network.layers.size();
    if (absl::Status status = CheckLayer(layer, i, inputs, last); !status.ok()) return status;
    inputs = layer.outputs;
  }
  if (inputs < kMinClasses || inputs > kMaxClasses) {
    return Invalid("the last layer has {} outputs; {} to {} classes are allowed", inputs,
                   kMinClasses, kMaxClasses);
  }
  if (network.class_names.size() != static_cast<size_t>(inputs)) {
    return Invalid("there are {} class names for the {} outputs of the last layer",
                   network.class_names.size(), inputs);
  }
  if (!std::isfinite(network.input_scale) || network.input_scale == 0) {
    return Invalid("the input scale is {}; it must be finite and not 0", network.input_scale);
  }
  if (!std::isfinite(network.input_offset)) {
    return Invalid("the input offset is {}; it must be finite", network.input_offset);
  }
  if (!std::isfinite(network.temperature) || network.temperature <= 0) {
    return Invalid("the temperature is {}; it must be finite and positive", network.temperature);
  }
  if (network.digit_threshold && !std::isfinite(*network.digit_threshold)) {
    return Invalid("the threshold of the digit score is {}; it must be finite",
                   *network.digit_threshold);
  }
  if (absl::Status status = CheckInputRanges(network); !status.ok()) return status;
  return CheckClassNames(network.class_names);
}

}  // namespace digits
