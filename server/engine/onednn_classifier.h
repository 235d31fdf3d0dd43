// Runs a Network on oneDNN's inner-product primitives.
#ifndef DIGITS_SERVER_ENGINE_ONEDNN_CLASSIFIER_H_
#define DIGITS_SERVER_ENGINE_ONEDNN_CLASSIFIER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/engine/classifier.h"
#include "server/model/network.h"

namespace digits {

enum class Precision {
  kAuto,  // the fastest that loses no accuracy: f32 for every network so far
  kF32,
};

// Prepares primitives for a ladder of batch sizes and runs each once, so that no later call pays
// for that. Every call computes on the calling thread alone. Internal where oneDNN fails.
absl::StatusOr<std::unique_ptr<Classifier>> MakeOnednnClassifier(const Network& network,
                                                                 Precision precision);

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_ONEDNN_CLASSIFIER_H_
