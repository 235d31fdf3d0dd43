// What each call of digits.v1.DigitClassifier answers, whatever kind of server carries it. All are
// free of shared state and may run on any number of threads at once.
#ifndef DIGITS_SERVER_SERVICE_ANSWERS_H_
#define DIGITS_SERVER_SERVICE_ANSWERS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "digits/v1/digits.pb.h"
#include "server/engine/registry.h"
#include "server/engine/workers.h"
#include "server/image/image.h"
#include "server/service/metrics.h"
#include "server/service/requests.h"

namespace digits {

// What the answers draw on; all of it outlives the calls.
struct ServiceContext {
  const ModelRegistry* models = nullptr;
  size_t max_batch_images = kDefaultMaxBatchImages;
  Metrics* metrics = nullptr;  // null: nothing is counted
};

// OK while the caller waits for the answer; otherwise the error to end the call with, which nobody
// reads.
using StillWanted = absl::FunctionRef<absl::Status()>;

// What one image's probabilities, one a class, say. The response is empty before.
void FillResponse(const ServedModel& model, std::span<const float> probabilities, float digit_score,
                  v1::ClassifyResponse& response);

// Counts an answer. pixels: the image's 784.
void CountAnswer(const ServiceContext& context, const ServedModel& model, const uint8_t* pixels,
                 size_t label, float confidence, float digit_score);

// The image that one request asks about: its pixels, or its picture normalised, which takes some
// milliseconds where that is large. InvalidArgument naming the picture's field, with the reason
// BLANK, where nothing is written on it.
absl::StatusOr<Image> ReadImage(const ServiceContext& context, const ClassifyTask& task);

// Each fills an empty response. Errors name the field at fault (FieldOf); the response is then
// unspecified.

// One image, computed on this thread.
absl::Status Classify(const ServiceContext& context, const v1::ClassifyRequest& request,
                      v1::ClassifyResponse& response);

// Computes parts of large batches on threads of `workers`, too. Asks `still_wanted` before every
// part, from any of them. `arrival`: when the call came.
absl::Status ClassifyBatch(const ServiceContext& context, const v1::ClassifyBatchRequest& request,
                           std::chrono::steady_clock::time_point arrival, Workers& workers,
                           StillWanted still_wanted, v1::ClassifyBatchResponse& response);

absl::Status GetModel(const ServiceContext& context, const v1::GetModelRequest& request,
                      v1::GetModelResponse& response);

absl::Status ListModels(const ServiceContext& context, const v1::ListModelsRequest& request,
                        v1::ListModelsResponse& response);

// `error` as a stream's answer.
void FillError(const absl::Status& error, v1::Error& answer);

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_ANSWERS_H_
