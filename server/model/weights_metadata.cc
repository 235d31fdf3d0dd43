#include "server/model/weights_metadata.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/model/errors.h"

namespace digits {
namespace {

using Json = nlohmann::json;
// Whose decimal numbers become floats without a double in between, which would round twice.
using FloatJson =
    nlohmann::basic_json<std::map, std::vector, std::string, bool, int64_t, uint64_t, float>;

constexpr std::string_view kFormat = "1";
constexpr std::string_view kFormatKey = "digits.format";
constexpr std::string_view kActivationsKey = "digits.activations";
constexpr std::string_view kClassNamesKey = "digits.class_names";
constexpr std::string_view kInputScaleKey = "digits.input_scale";
constexpr std::string_view kInputOffsetKey = "digits.input_offset";
constexpr std::string_view kTemperatureKey = "digits.temperature";
constexpr std::string_view kInputRangesKey = "digits.input_ranges";
constexpr std::string_view kDigitThresholdKey = "digits.digit_threshold";
constexpr std::string_view kOwnPrefix = "digits.";
constexpr std::string_view kProvenancePrefix = "provenance.";
constexpr std::array kActivations = {Activation::kRelu, Activation::kSigmoid, Activation::kTanh,
                                     Activation::kSoftmax};

absl::StatusOr<std::vector<std::string>> ParseStrings(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  // The parser would take a zero byte for the end.
  if (text.find('\0') != std::string_view::npos || !json.is_array() ||
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

absl::Status SetInputRanges(std::string_view text, Network& network) {
  const FloatJson json = FloatJson::parse(text, nullptr, /*allow_exceptions=*/false);
  if (text.find('\0') != std::string_view::npos || !json.is_array() ||
      !std::ranges::all_of(json, [](const FloatJson& item) { return item.is_number(); })) {
    return Invalid("it is not a JSON array of numbers that fit 32 bits");
  }
  network.input_ranges = json.get<std::vector<float>>();
  return absl::OkStatus();
}

absl::Status SetEntry(const std::string& key, const std::string& value, Network& network) {
  if (key == kFormatKey) {
    if (value == kFormat) return absl::OkStatus();
    return Invalid("'{}' is not known; this program reads '{}'", value, kFormat);
  }
  if (key == kActivationsKey) return SetActivations(value, network);
  if (key == kInputScaleKey) return SetNumber(value, network.input_scale);
  if (key == kInputOffsetKey) return SetNumber(value, network.input_offset);
  if (key == kTemperatureKey) return SetNumber(value, network.temperature);
  if (key == kInputRangesKey) return SetInputRanges(value, network);
  if (key == kDigitThresholdKey) return SetNumber(value, network.digit_threshold.emplace());
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

std::string DumpStrings(const Json& strings) {
  return strings.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

absl::Status SetFromMetadata(const std::map<std::string, std::string>& metadata, Network& network) {
  for (const auto& [key, value] : metadata) {
    const absl::Status status = SetEntry(key, value, network);
    if (!status.ok()) return Annotate(status, fmt::format("metadata '{}'", key));
  }
  if (network.layers.empty() || metadata.contains(std::string(kClassNamesKey))) {
    return absl::OkStatus();
  }
  network.class_names = DecimalClassNames();
  const size_t outputs = static_cast<size_t>(network.layers.back().outputs);
  if (outputs == network.class_names.size()) return absl::OkStatus();
  return Invalid("metadata '{}' is missing: it must name the {} classes", kClassNamesKey, outputs);
}

std::map<std::string, std::string> MakeMetadata(const Network& network) {
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : network.provenance) {
    metadata[fmt::format("{}{}", kProvenancePrefix, key)] = value;
  }
  Json activations = Json::array();
  for (const DenseLayer& layer : network.layers) {
    activations.push_back(std::string(ActivationName(layer.activation)));
  }
  const auto set = [&metadata](std::string_view key, std::string value) {
    metadata[std::string(key)] = std::move(value);
  };
  set(kFormatKey, std::string(kFormat));
  set(kActivationsKey, DumpStrings(activations));
  set(kClassNamesKey, DumpStrings(network.class_names));
  // The shortest decimal numbers that are read as the same floats.
  set(kInputScaleKey, fmt::format("{}", network.input_scale));
  set(kInputOffsetKey, fmt::format("{}", network.input_offset));
  if (network.temperature != 1) set(kTemperatureKey, fmt::format("{}", network.temperature));
  if (!network.input_ranges.empty()) {
    set(kInputRangesKey, fmt::format("[{}]", fmt::join(network.input_ranges, ",")));
  }
  if (network.digit_threshold) {
    set(kDigitThresholdKey, fmt::format("{}", *network.digit_threshold));
  }
  return metadata;
}

}  // namespace digits
