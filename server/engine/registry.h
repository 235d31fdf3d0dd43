// The models that are served.
#ifndef DIGITS_SERVER_ENGINE_REGISTRY_H_
#define DIGITS_SERVER_ENGINE_REGISTRY_H_

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/engine/classifier.h"
#include "server/model/network.h"

namespace digits {

// One layer's shape, without its weights.
struct LayerInfo {
  int inputs = 0;
  int outputs = 0;
  Activation activation = Activation::kRelu;
};

// Hexadecimal digits of a model's version.
inline constexpr size_t kVersionDigits = 12;

// A loaded model, never changed again.
struct ServedModel {
  size_t index = 0;  // in its registry
  std::string name;
  std::string sha256;   // of the weights file
  std::string version;  // the hash's first kVersionDigits
  std::vector<LayerInfo> layers;
  std::vector<std::string> class_names;
  std::map<std::string, std::string> provenance;
  std::optional<float> digit_threshold;   // of the digit scores, where it is known
  std::chrono::nanoseconds load_time{0};  // from the file to the classifier
  std::unique_ptr<const Classifier> classifier;
};

// Finds models by name and version. Filled before serving starts and then only read, by any number
// of threads at once.
class ModelRegistry {
 public:
  // The first model added is the default one. AlreadyExists where the name is taken;
  // InvalidArgument where CheckName() refuses it.
  absl::Status Add(ServedModel model);

  // Empty `name`: the default model; empty `version`: its current one. NotFound otherwise, naming
  // what is missing and what there is.
  absl::StatusOr<const ServedModel*> Find(std::string_view name, std::string_view version) const;

  // In the order in which they were added.
  std::span<const std::unique_ptr<const ServedModel>> models() const { return models_; }

 private:
  std::vector<std::unique_ptr<const ServedModel>> models_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_REGISTRY_H_
