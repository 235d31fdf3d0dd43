// Runs a Network on oneDNN's inner-product primitives.
#ifndef DIGITS_SERVER_ENGINE_ONEDNN_CLASSIFIER_H_
#define DIGITS_SERVER_ENGINE_ONEDNN_CLASSIFIER_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "server/engine/classifier.h"
#include "server/engine/race.h"
#include "server/model/network.h"

namespace digits {

enum class Precision {
  kAuto,  // kInt8 for networks with input ranges where that is possible, and faster as measured
          // when the classifier is made; otherwise kF32
  kF32,
  kInt8,
};

// Prepares primitives for a ladder of batch sizes and runs each once, so that no later call pays
// for that. Every call computes on the calling thread alone. FailedPrecondition for kInt8, saying
// why, where the processor cannot compute it exactly or the network has no input ranges;
// InvalidArgument as CheckNetwork(), MakeF32Plan() and for kInt8 MakeInt8Network();
// ResourceExhausted where there is not enough memory; Internal where oneDNN fails otherwise.
// `is_faster` is what kAuto asks about a plan in int8 and one of MakePlanLikeF32(), in this order.
absl::StatusOr<std::unique_ptr<Classifier>> MakeOnednnClassifier(
    const Network& network, Precision precision,
    const std::function<bool(const Plan&, const Plan&)>& is_faster = IsFaster);

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_ONEDNN_CLASSIFIER_H_
