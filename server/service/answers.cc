#include "server/service/answers.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/image/image.h"
#include "server/model/network.h"
#include "server/service/status.h"

namespace digits {
namespace {

// Images between two looks at whether the caller still waits: about a millisecond's work for a
// network of moderate size.
constexpr size_t kChunkImages = 1024;

// The most probable class; of equal ones, the lowest.
size_t Label(std::span<const float> probabilities) {
  return static_cast<size_t>(std::max_element(probabilities.begin(), probabilities.end()) -
                             probabilities.begin());
}

void FillModel(const ServiceContext& context, const ServedModel& model, v1::Model& answer) {
  answer.set_name(model.name);
  answer.set_version(model.version);
  for (const LayerInfo& layer : model.layers) {
    v1::Layer& described = *answer.add_layers();
    described.set_inputs(static_cast<uint32_t>(layer.inputs));
    described.set_outputs(static_cast<uint32_t>(layer.outputs));
    described.set_activation(std::string(ActivationName(layer.activation)));
  }
  answer.mutable_class_names()->Assign(model.class_names.begin(), model.class_names.end());
  answer.set_precision(std::string(model.classifier->precision()));
  answer.set_sha256(model.sha256);
  answer.mutable_provenance()->insert(model.provenance.begin(), model.provenance.end());
  answer.set_max_batch_images(static_cast<uint32_t>(context.max_batch_images));
  if (model.digit_threshold) answer.set_digit_threshold(*model.digit_threshold);
}

}  // namespace

absl::Status Classify(const ServiceContext& context, const v1::ClassifyRequest& request,
                      v1::ClassifyResponse& response) {
  const absl::StatusOr<ClassifyTask> task = CheckRequest(*context.models, request);
  if (!task.ok()) return task.status();
  const ServedModel& model = *task->model;

  const int classes = model.classifier->classes();
  response.mutable_probabilities()->Resize(classes, 0);
  const std::span<float> probabilities(response.mutable_probabilities()->mutable_data(),
                                       static_cast<size_t>(classes));
  float digit_score = 0;
  model.classifier->Classify(task->pixels, probabilities, {&digit_score, 1});

  const size_t label = Label(probabilities);
  response.set_label(static_cast<uint32_t>(label));
  response.set_confidence(probabilities[label]);
  response.set_label_name(model.class_names[label]);
  response.set_model(model.name);
  response.set_version(model.version);
  response.set_digit_score(digit_score);
  return absl::OkStatus();
}

absl::Status ClassifyBatch(const ServiceContext& context, const v1::ClassifyBatchRequest& request,
                           StillWanted still_wanted, v1::ClassifyBatchResponse& response) {
  const absl::StatusOr<ClassifyTask> task =
      CheckRequest(*context.models, request, context.max_batch_images);
  if (!task.ok()) return task.status();
  const ServedModel& model = *task->model;

  const auto classes = static_cast<size_t>(model.classifier->classes());
  const size_t images = task->pixels.size() / kImagePixels;
  response.mutable_labels()->Reserve(static_cast<int>(images));
  response.mutable_confidences()->Reserve(static_cast<int>(images));
  response.mutable_digit_scores()->Resize(static_cast<int>(images), 0);
  const std::span<float> digit_scores(response.mutable_digit_scores()->mutable_data(), images);
  // n x classes where they are answered, else room for a chunk.
  std::vector<float> scratch;
  std::span<float> probabilities;
  if (request.probabilities()) {
    response.mutable_probabilities()->Resize(static_cast<int>(images * classes), 0);
    probabilities = {response.mutable_probabilities()->mutable_data(), images * classes};
  } else {
    scratch.resize(std::min(images, kChunkImages) * classes);
  }

  for (size_t begin = 0; begin < images; begin += kChunkImages) {
    if (absl::Status status = still_wanted(); !status.ok()) return status;
    const size_t chunk = std::min(kChunkImages, images - begin);
    const std::span<float> rows = request.probabilities()
                                      ? probabilities.subspan(begin * classes, chunk * classes)
                                      : std::span(scratch).first(chunk * classes);
    model.classifier->Classify(task->pixels.subspan(begin * kImagePixels, chunk * kImagePixels),
                               rows, digit_scores.subspan(begin, chunk));
    for (size_t i = 0; i < chunk; ++i) {
      const std::span<const float> row = rows.subspan(i * classes, classes);
      const size_t label = Label(row);
      response.add_labels(static_cast<uint32_t>(label));
      response.add_confidences(row[label]);
    }
  }
  response.set_model(model.name);
  response.set_version(model.version);
  return absl::OkStatus();
}

void ClassifyOne(const ServiceContext& context, const v1::ClassifyStreamRequest& request,
                 v1::ClassifyStreamResponse& response) {
  response.set_id(request.id());
  if (!request.has_request()) {
    FillError(InvalidField("request", "the message has no request"), *response.mutable_error());
    return;
  }
  const absl::Status status = Classify(context, request.request(), *response.mutable_response());
  if (status.ok()) return;
  FillError(status, *response.mutable_error());
  v1::Error& error = *response.mutable_error();
  if (!error.field().empty()) error.set_field("request." + error.field());
}

absl::Status GetModel(const ServiceContext& context, const v1::GetModelRequest& request,
                      v1::GetModelResponse& response) {
  const absl::StatusOr<const ServedModel*> model =
      FindModel(*context.models, request.model(), request.version());
  if (!model.ok()) return model.status();
  FillModel(context, **model, *response.mutable_model());
  return absl::OkStatus();
}

absl::Status ListModels(const ServiceContext& context, const v1::ListModelsRequest& /*request*/,
                        v1::ListModelsResponse& response) {
  for (const auto& model : context.models->models()) {
    FillModel(context, *model, *response.add_models());
  }
  return absl::OkStatus();
}

void FillError(const absl::Status& error, v1::Error& answer) {
  answer.set_code(static_cast<int32_t>(error.code()));
  answer.set_message(std::string{error.message()});
  answer.set_field(FieldOf(error));
}

}  // namespace digits
