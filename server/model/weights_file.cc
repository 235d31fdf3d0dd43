#include "server/model/weights_file.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "server/image/image.h"
#include "server/model/errors.h"
#include "server/model/file.h"
#include "server/model/safetensors.h"

namespace digits {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFormat = "1";
constexpr std::string_view kFormatKey = "digits.format";
constexpr std::string_view kActivationsKey = "digits.activations";
constexpr std::string_view kClassNamesKey = "digits.class_names";
constexpr std::string_view kInputScaleKey = "digits.input_scale";
constexpr std::string_view kInputOffsetKey = "digits.input_offset";
constexpr std::string_view kOwnPrefix = "digits.";
constexpr std::string_view kProvenancePrefix = "provenance.";
constexpr std::string_view kWeightSuffix = ".weight";
constexpr std::string_view kBiasSuffix = ".bias";
constexpr std::string_view kDigits = "0123456789";
constexpr std::array kActivations = {Activation::kRelu, Activation::kSigmoid, Activation::kTanh,
                                     Activation::kSoftmax};

absl::StatusOr<std::string> Sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    return absl::InternalError("OpenSSL cannot compute its SHA-256");
  }
  return fmt::format("{:02x}", fmt::join(digest.begin(), digest.begin() + length, ""));
}

// Tensors that make a layer, by the part of their names that they share.
struct TensorPair {
  const Tensor* weight = nullptr;
  const Tensor* bias = nullptr;
};

absl::StatusOr<std::map<std::string_view, TensorPair>> PairTensors(
    const std::vector<Tensor>& tensors) {
  std::map<std::string_view, TensorPair> pairs;
  for (const Tensor& tensor : tensors) {
    std::string_view stem = tensor.name;
    if (stem.ends_with(kWeightSuffix)) {
      stem.remove_suffix(kWeightSuffix.size());
      pairs[stem].weight = &tensor;
    } else if (stem.ends_with(kBiasSuffix)) {
      stem.remove_suffix(kBiasSuffix.size());
      pairs[stem].bias = &tensor;
    } else {
      return Invalid("tensor '{}': only NAME.weight and NAME.bias of dense layers are read",
                     tensor.name);
    }
  }
  return pairs;
}

// The last number in a stem: 10 of "net.layers.10", 1 of "fc1".
absl::StatusOr<uint64_t> LayerNumber(std::string_view stem) {
  const size_t last = stem.find_last_of(kDigits);
  if (last == std::string_view::npos) {
    return Invalid("tensor '{}{}': no number in its name says where its layer stands", stem,
                   kWeightSuffix);
  }
  const size_t before = stem.find_last_not_of(kDigits, last);
  const size_t first = before == std::string_view::npos ? 0 : before + 1;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(&stem[first], &stem[last] + 1, number);
  if (error != std::errc()) {
    return Invalid("tensor '{}{}': the number in its name is too large", stem, kWeightSuffix);
  }
  return number;
}

absl::Status CheckTensor(const Tensor& tensor, size_t rank, std::string_view expected) {
  if (tensor.dtype != "F32") {
    return Invalid("tensor '{}': its dtype is {}; only F32 is read", tensor.name, tensor.dtype);
  }
  const bool fits =
      tensor.shape.size() == rank && std::ranges::all_of(tensor.shape, [](uint64_t n) {
        return n >= 1 && n <= static_cast<uint64_t>(kMaxLayerOutputs);
      });
  if (fits) return absl::OkStatus();
  return Invalid("tensor '{}': its shape is ({}); {} is expected, with 1 to {} of each",
                 tensor.name, fmt::join(tensor.shape, ", "), expected, kMaxLayerOutputs);
}

absl::StatusOr<std::vector<float>> Values(const Tensor& tensor) {
  std::vector<float> values(tensor.data.size() / sizeof(float));
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  const auto bad = std::ranges::find_if(values, [](float v) { return !std::isfinite(v); });
  if (bad == values.end()) return values;
  return Invalid("tensor '{}': value {} is {}; all must be finite", tensor.name,
                 bad - values.begin(), *bad);
}

absl::StatusOr<DenseLayer> MakeLayer(std::string_view stem, const TensorPair& pair,
                                     uint64_t inputs) {
  if (pair.weight == nullptr || pair.bias == nullptr) {
    return Invalid("tensor '{}{}' is missing: a layer has a weight and a bias", stem,
                   pair.weight == nullptr ? kWeightSuffix : kBiasSuffix);
  }
  absl::Status status = CheckTensor(*pair.weight, 2, "(outputs, inputs)");
  status.Update(CheckTensor(*pair.bias, 1, "(outputs)"));
  if (!status.ok()) return status;
  if (pair.weight->shape[1] != inputs) {
    return Invalid("tensor '{}': its shape is ({}), but its layer has {} inputs", pair.weight->name,
                   fmt::join(pair.weight->shape, ", "), inputs);
  }
  if (pair.weight->shape[0] != pair.bias->shape[0]) {
    return Invalid("tensor '{}': it has {} values for the {} outputs of '{}'", pair.bias->name,
                   pair.bias->shape[0], pair.weight->shape[0], pair.weight->name);
  }
  absl::StatusOr<std::vector<float>> weights = Values(*pair.weight);
  if (!weights.ok()) return weights.status();
  absl::StatusOr<std::vector<float>> bias = Values(*pair.bias);
  if (!bias.ok()) return bias.status();
  return DenseLayer{.inputs = static_cast<int>(pair.weight->shape[1]),
                    .outputs = static_cast<int>(pair.weight->shape[0]),
                    .weights = *std::move(weights),
                    .bias = *std::move(bias),
                    .activation = Activation::kRelu};
}

absl::StatusOr<std::vector<DenseLayer>> MakeLayers(const std::vector<Tensor>& tensors) {
  const auto pairs = PairTensors(tensors);
  if (!pairs.ok()) return pairs.status();
  std::map<uint64_t, std::string_view> order;
  for (const auto& [stem, pair] : *pairs) {
    // One layer alone, such as linear.weight, needs no number.
    const absl::StatusOr<uint64_t> number = pairs->size() == 1 ? 0 : LayerNumber(stem);
    if (!number.ok()) return number.status();
    const auto [other, added] = order.emplace(*number, stem);
    if (!added) {
      return Invalid("tensors '{}{}' and '{}{}': their names end in the same number", other->second,
                     kWeightSuffix, stem, kWeightSuffix);
    }
  }
  std::vector<DenseLayer> layers;
  uint64_t inputs = kImagePixels;
  for (const auto& [number, stem] : order) {
    absl::StatusOr<DenseLayer> layer = MakeLayer(stem, pairs->at(stem), inputs);
    if (!layer.ok()) return layer.status();
    inputs = static_cast<uint64_t>(layer->outputs);
    layers.push_back(*std::move(layer));
  }
  if (!layers.empty()) layers.back().activation = Activation::kSoftmax;
  return layers;
}

absl::StatusOr<std::vector<std::string>> ParseStrings(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_array() ||
      !std::ranges::all_of(json, [](const Json& item) { return item.is_string(); })) {
    return Invalid("it is not a JSON array of strings");
  }
  return json.get<std::vector<std::string>>();
}

absl::Status SetActivations(std::string_view text, Network& network) {
  const absl::StatusOr<std::vector<std::string>> names = ParseStrings(text);
  if (!names.ok()) return names.status();
  if (names->size() != network.layers.size()) {
    return Invalid("it names {} activations for {} layers", names->size(), network.layers.size());
  }
  for (size_t i = 0; i < names->size(); ++i) {
    const auto known = std::ranges::find(kActivations, (*names)[i], ActivationName);
    if (known == kActivations.end()) return Invalid("'{}' is not an activation", (*names)[i]);
    network.layers[i].activation = *known;
  }
  return absl::OkStatus();
}

absl::Status SetNumber(std::string_view text, float& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return absl::OkStatus();
  return Invalid("'{}' is not a decimal number that fits 32 bits", text);
}

absl::Status SetFromMetadata(const std::string& key, const std::string& value, Network& network) {
  if (key == kFormatKey) {
    if (value == kFormat) return absl::OkStatus();
    return Invalid("'{}' is not known; this program reads '{}'", value, kFormat);
  }
  if (key == kActivationsKey) return SetActivations(value, network);
  if (key == kInputScaleKey) return SetNumber(value, network.input_scale);
  if (key == kInputOffsetKey) return SetNumber(value, network.input_offset);
  if (key == kClassNamesKey) {
    absl::StatusOr<std::vector<std::string>> names = ParseStrings(value);
    if (!names.ok()) return names.status();
    network.class_names = *std::move(names);
    return absl::OkStatus();
  }
  if (key.starts_with(kProvenancePrefix)) {
    network.provenance[key.substr(kProvenancePrefix.size())] = value;
    return absl::OkStatus();
  }
  if (key.starts_with(kOwnPrefix)) return Invalid("this key is not known to format {}", kFormat);
  return absl::OkStatus();
}

absl::StatusOr<Network> MakeNetwork(const Safetensors& content) {
  absl::StatusOr<std::vector<DenseLayer>> layers = MakeLayers(content.tensors);
  if (!layers.ok()) return layers.status();
  Network network;
  network.layers = *std::move(layers);
  for (const auto& [key, value] : content.metadata) {
    const absl::Status status = SetFromMetadata(key, value, network);
    if (!status.ok()) return Annotate(status, fmt::format("metadata '{}'", key));
  }
  if (!network.layers.empty() && !content.metadata.contains(std::string(kClassNamesKey))) {
    network.class_names = DecimalClassNames();
    const size_t outputs = static_cast<size_t>(network.layers.back().outputs);
    if (outputs != network.class_names.size()) {
      return Invalid("metadata '{}' is missing: it must name the {} classes", kClassNamesKey,
                     outputs);
    }
  }
  if (absl::Status status = CheckNetwork(network); !status.ok()) return status;
  return network;
}

std::string_view AsBytes(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::string DumpStrings(const Json& strings) {
  return strings.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

absl::StatusOr<Weights> ReadWeights(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxWeightsFileBytes);
  if (!bytes.ok()) return bytes.status();
  return ParseWeights(*bytes, path);
}

absl::StatusOr<Weights> ParseWeights(std::string_view bytes, std::string_view name) {
  const absl::StatusOr<Safetensors> content = ParseSafetensors(bytes);
  if (!content.ok()) return Annotate(content.status(), std::string(name));
  absl::StatusOr<Network> network = MakeNetwork(*content);
  if (!network.ok()) return Annotate(network.status(), std::string(name));
  absl::StatusOr<std::string> sha256 = Sha256(bytes);
  if (!sha256.ok()) return Annotate(sha256.status(), std::string(name));
  return Weights{.network = *std::move(network), .sha256 = *std::move(sha256)};
}

std::string SerializeWeights(const Network& network) {
  Safetensors content;
  Json activations = Json::array();
  for (size_t i = 0; i < network.layers.size(); ++i) {
    const DenseLayer& layer = network.layers[i];
    const auto inputs = static_cast<uint64_t>(layer.inputs);
    const auto outputs = static_cast<uint64_t>(layer.outputs);
    content.tensors.push_back(
        {fmt::format("layers.{}.weight", i), "F32", {outputs, inputs}, AsBytes(layer.weights)});
    content.tensors.push_back(
        {fmt::format("layers.{}.bias", i), "F32", {outputs}, AsBytes(layer.bias)});
    activations.push_back(std::string(ActivationName(layer.activation)));
  }
  for (const auto& [key, value] : network.provenance) {
    content.metadata[fmt::format("{}{}", kProvenancePrefix, key)] = value;
  }
  const auto set = [&content](std::string_view key, std::string value) {
    content.metadata[std::string(key)] = std::move(value);
  };
  set(kFormatKey, std::string(kFormat));
  set(kActivationsKey, DumpStrings(activations));
  set(kClassNamesKey, DumpStrings(network.class_names));
  // The shortest decimal number that is read as the same float.
  set(kInputScaleKey, fmt::format("{}", network.input_scale));
  set(kInputOffsetKey, fmt::format("{}", network.input_offset));
  return SerializeSafetensors(content);
}

absl::Status WriteWeights(const Network& network, const std::string& path) {
  if (absl::Status status = CheckNetwork(network); !status.ok()) {
    return Annotate(status, fmt::format("cannot write {}", path));
  }
  const std::string bytes = SerializeWeights(network);
  if (bytes.size() > kMaxWeightsFileBytes) {
    return Invalid("cannot write {}: it would have {} bytes; at most {} are read", path,
                   bytes.size(), kMaxWeightsFileBytes);
  }
  return WriteFile(path, bytes);
}

}  // namespace digits
