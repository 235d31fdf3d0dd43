#include "server/service/answers.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/image/normalize.h"
#include "server/model/network.h"
#include "server/service/ink_sum.h"
#include "server/service/status.h"

namespace digits {
namespace {

using Clock = std::chrono::steady_clock;

// A part of a batch takes about this long, so that it is worth a thread's while; but has no more
// images than these, between two looks at whether the caller still waits.
constexpr std::chrono::microseconds kPartTime{500};
constexpr size_t kMostPartImages = 1024;

size_t PartImages(const Classifier& classifier) {
  const auto pass_time = std::max(classifier.pass_time(), std::chrono::nanoseconds(1));
  const auto passes = static_cast<size_t>(std::max<int64_t>(1, kPartTime / pass_time));
  return std::min(passes, kMostPartImages / std::min(classifier.pass_images(), kMostPartImages)) *
         classifier.pass_images();
}

// The most probable class; of equal ones, the lowest.
size_t Label(std::span<const float> probabilities) {
  return static_cast<size_t>(std::max_element(probabilities.begin(), probabilities.end()) -
                             probabilities.begin());
}

// Counts a pass that has just ended. `since`: when its images began to wait.
void CountPass(const ServiceContext& context, const ServedModel& model, size_t images,
               Clock::time_point since, Clock::time_point begin) {
  if (context.metrics == nullptr) return;
  context.metrics->model(model.index).Ran(images, begin - since, Clock::now() - begin);
}

// True where the model does not tell.
bool IsDigit(const ServedModel& model, float digit_score) {
  return !model.digit_threshold || digit_score >= *model.digit_threshold;
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

void FillResponse(const ServedModel& model, std::span<const float> probabilities, float digit_score,
                  v1::ClassifyResponse& response) {
  const size_t label = Label(probabilities);
  response.set_label(static_cast<uint32_t>(label));
  response.set_confidence(probabilities[label]);
  response.mutable_probabilities()->Assign(probabilities.begin(), probabilities.end());
  response.set_label_name(model.class_names[label]);
  response.set_model(model.name);
  response.set_version(model.version);
  response.set_digit_score(digit_score);
}

void CountAnswer(const ServiceContext& context, const ServedModel& model, const uint8_t* pixels,
                 size_t label, float confidence, float digit_score) {
  if (context.metrics == nullptr) return;
  context.metrics->model(model.index)
      .Answered(label, confidence, InkOf(pixels), IsDigit(model, digit_score));
}

absl::StatusOr<Image> ReadImage(const ServiceContext& context, const ClassifyTask& task) {
  Image image;
  if (!task.picture) {
    std::copy(task.pixels.begin(), task.pixels.end(), image.begin());
    return image;
  }
  const auto begin = Clock::now();
  const std::optional<Image> normalized = Normalize(*task.picture);
  if (context.metrics != nullptr) {
    PictureMetrics& pictures = context.metrics->pictures();
    const auto time = Clock::now() - begin;
    normalized ? pictures.Normalized(time) : pictures.Blank(time);
  }
  if (normalized) return *normalized;
  return InvalidField(task.picture_field,
                      "the picture is blank: nothing is written that stands out from the paper",
                      "BLANK");
}

absl::Status Classify(const ServiceContext& context, const v1::ClassifyRequest& request,
                      v1::ClassifyResponse& response) {
  const absl::StatusOr<ClassifyTask> task = CheckRequest(*context.models, request);
  if (!task.ok()) return task.status();
  const absl::StatusOr<Image> image = ReadImage(context, *task);
  if (!image.ok()) return image.status();
  const ServedModel& model = *task->model;
  std::vector<float> probabilities(static_cast<size_t>(model.classifier->classes()));
  float digit_score = 0;
  const auto begin = Clock::now();
  model.classifier->Classify(*image, probabilities, {&digit_score, 1});
  CountPass(context, model, 1, begin, begin);
  FillResponse(model, probabilities, digit_score, response);
  CountAnswer(context, model, image->data(), response.label(), response.confidence(), digit_score);
  if (request.return_image()) response.set_image(image->data(), image->size());
  return absl::OkStatus();
}

absl::Status ClassifyBatch(const ServiceContext& context, const v1::ClassifyBatchRequest& request,
                           Clock::time_point arrival, Workers& workers, StillWanted still_wanted,
                           v1::ClassifyBatchResponse& response) {
  const absl::StatusOr<ClassifyTask> task =
      CheckRequest(*context.models, request, context.max_batch_images);
  if (!task.ok()) return task.status();
  const ServedModel& model = *task->model;
  const Classifier& classifier = *model.classifier;

  const auto classes = static_cast<size_t>(classifier.classes());
  const size_t images = task->pixels.size() / kImagePixels;
  const auto rows = static_cast<int>(images);
  response.mutable_labels()->Resize(rows, 0);
  response.mutable_confidences()->Resize(rows, 0);
  response.mutable_digit_scores()->Resize(rows, 0);
  uint32_t* const labels = response.mutable_labels()->mutable_data();
  float* const confidences = response.mutable_confidences()->mutable_data();
  const std::span<float> digit_scores(response.mutable_digit_scores()->mutable_data(), images);
  std::span<float> probabilities;  // n x classes where they are answered
  if (request.probabilities()) {
    response.mutable_probabilities()->Resize(static_cast<int>(images * classes), 0);
    probabilities = {response.mutable_probabilities()->mutable_data(), images * classes};
  }

  const size_t part_images = PartImages(classifier);
  std::mutex mutex;
  absl::Status status;  // guarded by it
  workers.RunParts((images + part_images - 1) / part_images, [&](size_t part) {
    {
      const std::lock_guard lock(mutex);
      if (status.ok()) status = still_wanted();
      if (!status.ok()) return;
    }
    const size_t begin = part * part_images;
    const size_t count = std::min(part_images, images - begin);
    std::vector<float> scratch;
    std::span<float> part_rows;
    if (request.probabilities()) {
      part_rows = probabilities.subspan(begin * classes, count * classes);
    } else {
      scratch.resize(count * classes);
      part_rows = scratch;
    }
    const auto part_begin = Clock::now();
    classifier.Classify(task->pixels.subspan(begin * kImagePixels, count * kImagePixels), part_rows,
                        digit_scores.subspan(begin, count));
    CountPass(context, model, count, arrival, part_begin);
    std::optional<ModelMetrics::Tally> tally;
    if (context.metrics != nullptr) tally.emplace(context.metrics->model(model.index));
    for (size_t i = 0; i < count; ++i) {
      const std::span<const float> row = part_rows.subspan(i * classes, classes);
      const size_t label = Label(row);
      labels[begin + i] = static_cast<uint32_t>(label);
      confidences[begin + i] = row[label];
      if (tally) {
        tally->Answered(label, row[label], InkOf(&task->pixels[(begin + i) * kImagePixels]),
                        IsDigit(model, digit_scores[begin + i]));
      }
    }
  });
  if (!status.ok()) return status;
  response.set_model(model.name);
  response.set_version(model.version);
  return absl::OkStatus();
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
