#include "server/http/json.h"

#include <cstdint>
#include <map>
#include <vector>

#include "absl/strings/escaping.h"
#include "nlohmann/json.hpp"
#include "server/service/status.h"

namespace digits {
namespace {

// Members in the order of insertion, and numbers as floats: as doubles, 0.99f would be
// 0.9900000095367432.
using OrderedJson = nlohmann::basic_json<nlohmann::ordered_map, std::vector, std::string, bool,
                                         int64_t, uint64_t, float>;

// Messages may quote bytes that are no UTF-8.
std::string Dump(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

OrderedJson ModelAsJson(const v1::Model& model) {
  OrderedJson layers = OrderedJson::array();
  for (const v1::Layer& layer : model.layers()) {
    layers.push_back({{"inputs", layer.inputs()},
                      {"outputs", layer.outputs()},
                      {"activation", layer.activation()}});
  }
  OrderedJson provenance = OrderedJson::object();
  const std::map<std::string, std::string> sorted(model.provenance().begin(),
                                                  model.provenance().end());
  for (const auto& [key, value] : sorted) provenance[key] = value;
  OrderedJson json = {{"name", model.name()},
                      {"version", model.version()},
                      {"layers", layers},
                      {"class_names", model.class_names()},
                      {"precision", model.precision()},
                      {"sha256", model.sha256()},
                      {"provenance", provenance},
                      {"max_batch_images", model.max_batch_images()}};
  if (model.has_digit_threshold()) json["digit_threshold"] = model.digit_threshold();
  return json;
}

}  // namespace

std::string ClassifyJson(const v1::ClassifyResponse& response,
                         std::optional<float> digit_threshold) {
  OrderedJson json = {{"label", response.label()},
                      {"label_name", response.label_name()},
                      {"confidence", response.confidence()},
                      {"probabilities", response.probabilities()},
                      {"digit_score", response.digit_score()}};
  if (digit_threshold) json["is_digit"] = response.digit_score() >= *digit_threshold;
  json["model"] = response.model();
  json["version"] = response.version();
  if (!response.image().empty()) json["image"] = absl::Base64Escape(response.image());
  return Dump(json);
}

std::string ModelsJson(const v1::ListModelsResponse& response) {
  OrderedJson models = OrderedJson::array();
  for (const v1::Model& model : response.models()) models.push_back(ModelAsJson(model));
  return Dump({{"models", models}});
}

std::string ErrorJson(const absl::Status& error) {
  OrderedJson json = {{"code", absl::StatusCodeToString(error.code())},
                      {"message", std::string{error.message()}}};
  if (const std::string field = FieldOf(error); !field.empty()) json["field"] = field;
  if (const std::string reason = ReasonOf(error); !reason.empty()) json["reason"] = reason;
  return Dump({{"error", json}});
}

}  // namespace digits
