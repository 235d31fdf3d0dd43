#include "server/engine/load.h"

#include <memory>
#include <utility>

#include "server/model/errors.h"

namespace digits {

absl::StatusOr<ServedModel> MakeServedModel(std::string name, Weights weights,
                                            Precision precision) {
  absl::StatusOr<std::unique_ptr<Classifier>> classifier =
      MakeOnednnClassifier(weights.network, precision);
  if (!classifier.ok()) return Annotate(classifier.status(), "the model " + name);
  ServedModel model;
  model.name = std::move(name);
  model.version = weights.sha256.substr(0, kVersionDigits);
  model.sha256 = std::move(weights.sha256);
  for (const DenseLayer& layer : weights.network.layers) {
    model.layers.push_back({layer.inputs, layer.outputs, layer.activation});
  }
  model.class_names = std::move(weights.network.class_names);
  model.provenance = std::move(weights.network.provenance);
  model.digit_threshold = weights.network.digit_threshold;
  model.classifier = *std::move(classifier);
  return model;
}

}  // namespace digits
