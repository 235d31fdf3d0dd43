// From a weights file to a model that serves.
#ifndef DIGITS_SERVER_ENGINE_LOAD_H_
#define DIGITS_SERVER_ENGINE_LOAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/engine/onednn_classifier.h"
#include "server/engine/registry.h"
#include "server/model/weights_file.h"

namespace digits {

// Builds and warms up the classifier. Errors as MakeOnednnClassifier(), naming the model.
absl::StatusOr<ServedModel> MakeServedModel(std::string name, Weights weights, Precision precision);

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_LOAD_H_
