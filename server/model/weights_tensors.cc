#include "server/model/weights_tensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "server/image/image.h"
#include "server/model/errors.h"
#include "server/model/float16.h"
#include "server/model/quantization.h"

namespace digits {
namespace {

constexpr std::string_view kWeightSuffix = ".weight";
constexpr std::string_view kScaleSuffix = ".weight_scale";
constexpr std::string_view kBiasSuffix = ".bias";
constexpr std::string_view kDigits = "0123456789";
constexpr std::array<std::string_view, 4> kWeightTypes = {"F32", "F16", "BF16", "I8"};
constexpr std::array<std::string_view, 3> kBiasTypes = {"F32", "F16", "BF16"};
constexpr std::array<std::string_view, 1> kScaleTypes = {"F32"};

// Tensors that make a layer, by the part of their names that they share.
struct TensorGroup {
  const Tensor* weight = nullptr;
  const Tensor* scale = nullptr;  // of I8 weights alone
  const Tensor* bias = nullptr;
};

absl::StatusOr<std::map<std::string_view, TensorGroup>> GroupTensors(
    const std::vector<Tensor>& tensors) {
  std::map<std::string_view, TensorGroup> groups;
  for (const Tensor& tensor : tensors) {
    std::string_view stem = tensor.name;
    if (stem.ends_with(kWeightSuffix)) {
      stem.remove_suffix(kWeightSuffix.size());
      groups[stem].weight = &tensor;
    } else if (stem.ends_with(kScaleSuffix)) {
      stem.remove_suffix(kScaleSuffix.size());
      groups[stem].scale = &tensor;
    } else if (stem.ends_with(kBiasSuffix)) {
      stem.remove_suffix(kBiasSuffix.size());
      groups[stem].bias = &tensor;
    } else {
      return Invalid(
          "tensor '{}': only NAME.weight, NAME.weight_scale and NAME.bias of dense layers are read",
          tensor.name);
    }
  }
  return groups;
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

absl::Status CheckTensor(const Tensor& tensor, std::span<const std::string_view> types, size_t rank,
                         std::string_view expected) {
  if (std::ranges::find(types, tensor.dtype) == types.end()) {
    return Invalid("tensor '{}': its dtype is {}; it may be {}", tensor.name, tensor.dtype,
                   fmt::join(types, ", "));
  }
  const bool fits =
      tensor.shape.size() == rank && std::ranges::all_of(tensor.shape, [](uint64_t n) {
        return n >= 1 && n <= static_cast<uint64_t>(kMaxLayerOutputs);
      });
  if (fits) return absl::OkStatus();
  return Invalid("tensor '{}': its shape is ({}); {} is expected, with 1 to {} of each",
                 tensor.name, fmt::join(tensor.shape, ", "), expected, kMaxLayerOutputs);
}

// The tensor's data, which may lie at any alignment.
template <typename Stored>
std::vector<Stored> Read(const Tensor& tensor) {
  std::vector<Stored> stored(tensor.data.size() / sizeof(Stored));
  std::memcpy(stored.data(), tensor.data.data(), tensor.data.size());
  return stored;
}

std::vector<float> ToFloats(const Tensor& tensor) {
  if (tensor.dtype == "F32") return Read<float>(tensor);
  const bool f16 = tensor.dtype == "F16";
  std::vector<float> values;
  values.reserve(tensor.data.size() / sizeof(uint16_t));
  for (const uint16_t bits : Read<uint16_t>(tensor)) {
    values.push_back(f16 ? FromF16(bits) : FromBf16(bits));
  }
  return values;
}

absl::Status CheckFinite(const std::vector<float>& values, const Tensor& tensor) {
  const auto bad = std::ranges::find_if(values, [](float v) { return !std::isfinite(v); });
  if (bad == values.end()) return absl::OkStatus();
  return Invalid("tensor '{}': value {} is {}; all must be finite", tensor.name,
                 bad - values.begin(), *bad);
}

absl::StatusOr<std::vector<float>> ScaledWeights(const Tensor& weight, const Tensor& scale) {
  QuantizedWeights quantized = {Read<int8_t>(weight), Read<float>(scale)};
  const auto bad =
      std::ranges::find_if(quantized.scales, [](float v) { return !std::isfinite(v) || v <= 0; });
  if (bad != quantized.scales.end()) {
    return Invalid("tensor '{}': value {} is {}; all must be finite and positive", scale.name,
                   bad - quantized.scales.begin(), *bad);
  }
  return Dequantize(quantized);
}

// Whether the tensors are there, of their types and of shapes that fit `inputs` and one another.
absl::Status CheckGroup(std::string_view stem, const TensorGroup& group, uint64_t inputs) {
  const auto& [weight, scale, bias] = group;
  if (weight == nullptr || bias == nullptr) {
    return Invalid("tensor '{}{}' is missing: a layer has a weight and a bias", stem,
                   weight == nullptr ? kWeightSuffix : kBiasSuffix);
  }
  absl::Status status = CheckTensor(*weight, kWeightTypes, 2, "(outputs, inputs)");
  status.Update(CheckTensor(*bias, kBiasTypes, 1, "(outputs)"));
  if (scale != nullptr) status.Update(CheckTensor(*scale, kScaleTypes, 1, "(outputs)"));
  if (!status.ok()) return status;
  if (weight->shape[1] != inputs) {
    return Invalid("tensor '{}': its shape is ({}), but its layer has {} inputs", weight->name,
                   fmt::join(weight->shape, ", "), inputs);
  }
  for (const Tensor* tensor : {bias, scale}) {
    if (tensor != nullptr && tensor->shape[0] != weight->shape[0]) {
      return Invalid("tensor '{}': it has {} values for the {} outputs of '{}'", tensor->name,
                     tensor->shape[0], weight->shape[0], weight->name);
    }
  }
  if (weight->dtype == "I8" && scale == nullptr) {
    return Invalid("tensor '{}{}' is missing: '{}' is I8, which has a scale for each output", stem,
                   kScaleSuffix, weight->name);
  }
  if (weight->dtype != "I8" && scale != nullptr) {
    return Invalid("tensor '{}': '{}' is {}, which has no scale", scale->name, weight->name,
                   weight->dtype);
  }
  return absl::OkStatus();
}

absl::StatusOr<DenseLayer> MakeLayer(std::string_view stem, const TensorGroup& group,
                                     uint64_t inputs) {
  if (absl::Status status = CheckGroup(stem, group, inputs); !status.ok()) return status;
  const auto& [weight, scale, bias] = group;
  absl::StatusOr<std::vector<float>> weights =
      scale == nullptr ? ToFloats(*weight) : ScaledWeights(*weight, *scale);
  if (!weights.ok()) return weights.status();
  std::vector<float> biases = ToFloats(*bias);
  absl::Status status = CheckFinite(*weights, *weight);
  status.Update(CheckFinite(biases, *bias));
  if (!status.ok()) return status;
  return DenseLayer{.inputs = static_cast<int>(weight->shape[1]),
                    .outputs = static_cast<int>(weight->shape[0]),
                    .weights = *std::move(weights),
                    .bias = std::move(biases),
                    .activation = Activation::kRelu};
}

StorageType StorageOf(std::string_view dtype) {
  if (dtype == "F16") return StorageType::kF16;
  if (dtype == "BF16") return StorageType::kBf16;
  return dtype == "I8" ? StorageType::kI8 : StorageType::kF32;
}

template <typename Stored>
std::string ToBytes(const std::vector<Stored>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Stored)};
}

// The values' 16 bits. `what` names them in errors.
absl::StatusOr<std::string> ToBytes16(const std::vector<float>& values, StorageType storage,
                                      std::string_view what) {
  const bool f16 = storage == StorageType::kF16;
  std::vector<uint16_t> stored;
  stored.reserve(values.size());
  for (const float value : values) {
    stored.push_back(f16 ? ToF16(value) : ToBf16(value));
    if (std::isfinite(f16 ? FromF16(stored.back()) : FromBf16(stored.back()))) continue;
    return Invalid("value {} of '{}' is {}, which is too large for {}", stored.size() - 1, what,
                   value, f16 ? "f16" : "bf16");
  }
  return ToBytes(stored);
}

absl::StatusOr<std::string> ToBytes(const std::vector<float>& values, StorageType storage,
                                    std::string_view what) {
  if (storage == StorageType::kF32) return ToBytes(values);
  return ToBytes16(values, storage, what);
}

std::string_view DtypeOf(StorageType storage) {
  switch (storage) {
    case StorageType::kF32:
      return "F32";
    case StorageType::kF16:
      return "F16";
    case StorageType::kBf16:
      return "BF16";
    case StorageType::kI8:
      return "I8";
  }
  return "F32";
}

}  // namespace

absl::StatusOr<StoredLayers> ParseLayers(const std::vector<Tensor>& tensors) {
  const auto groups = GroupTensors(tensors);
  if (!groups.ok()) return groups.status();
  std::map<uint64_t, std::string_view> order;
  for (const auto& [stem, group] : *groups) {
    // One layer alone, such as linear.weight, needs no number.
    const absl::StatusOr<uint64_t> number = groups->size() == 1 ? 0 : LayerNumber(stem);
    if (!number.ok()) return number.status();
    const auto [other, added] = order.emplace(*number, stem);
    if (!added) {
      return Invalid("tensors '{}{}' and '{}{}': their names end in the same number", other->second,
                     kWeightSuffix, stem, kWeightSuffix);
    }
  }
  StoredLayers stored;
  std::set<StorageType> types;
  uint64_t inputs = kImagePixels;
  for (const auto& [number, stem] : order) {
    const TensorGroup& group = groups->at(stem);
    absl::StatusOr<DenseLayer> layer = MakeLayer(stem, group, inputs);
    if (!layer.ok()) return layer.status();
    inputs = static_cast<uint64_t>(layer->outputs);
    stored.layers.push_back(*std::move(layer));
    types.insert(StorageOf(group.weight->dtype));
  }
  if (!stored.layers.empty()) stored.layers.back().activation = Activation::kSoftmax;
  if (types.size() == 1) stored.storage = *types.begin();
  return stored;
}

absl::StatusOr<LayerTensors> MakeTensors(const std::vector<DenseLayer>& layers,
                                         StorageType storage) {
  LayerTensors made;
  made.bytes.reserve(3 * layers.size());  // so that the views stay where they are
  const auto add = [&made](const std::string& name, StorageType type, std::vector<uint64_t> shape,
                           std::string bytes) {
    made.tensors.push_back({name, std::string(DtypeOf(type)), std::move(shape),
                            made.bytes.emplace_back(std::move(bytes))});
  };
  for (size_t i = 0; i < layers.size(); ++i) {
    const DenseLayer& layer = layers[i];
    const auto inputs = static_cast<uint64_t>(layer.inputs);
    const auto outputs = static_cast<uint64_t>(layer.outputs);
    const std::string name = fmt::format("layers.{}", i);
    const std::string weight_name = name + std::string(kWeightSuffix);
    const std::string bias_name = name + std::string(kBiasSuffix);
    if (storage == StorageType::kI8) {
      const QuantizedWeights quantized = Quantize(layer);
      add(weight_name, storage, {outputs, inputs}, ToBytes(quantized.values));
      add(name + std::string(kScaleSuffix), StorageType::kF32, {outputs},
          ToBytes(quantized.scales));
      add(bias_name, StorageType::kF32, {outputs}, ToBytes(layer.bias));
      continue;
    }
    absl::StatusOr<std::string> weight = ToBytes(layer.weights, storage, weight_name);
    if (!weight.ok()) return weight.status();
    absl::StatusOr<std::string> bias = ToBytes(layer.bias, storage, bias_name);
    if (!bias.ok()) return bias.status();
    add(weight_name, storage, {outputs, inputs}, *std::move(weight));
    add(bias_name, storage, {outputs}, *std::move(bias));
  }
  return made;
}

}  // namespace digits
