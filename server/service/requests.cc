#include "server/service/requests.h"

#include <string>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "server/image/image.h"
#include "server/service/status.h"

namespace digits {
namespace {

std::span<const uint8_t> Bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

absl::StatusOr<ClassifyTask> MakeTask(const ModelRegistry& models, const std::string& model,
                                      const std::string& version, const std::string& pixels) {
  absl::StatusOr<const ServedModel*> found = FindModel(models, model, version);
  if (!found.ok()) return found.status();
  return ClassifyTask{*found, Bytes(pixels)};
}

}  // namespace

absl::StatusOr<ClassifyTask> CheckRequest(const ModelRegistry& models,
                                          const v1::ClassifyRequest& request) {
  if (request.image_case() != v1::ClassifyRequest::kPixels) {
    return InvalidField("pixels", "the request has no image: set pixels to 784 bytes");
  }
  if (request.pixels().size() != kImagePixels) {
    return InvalidField("pixels",
                        fmt::format("pixels has {} bytes; an image is exactly {}: 28 rows of 28",
                                    request.pixels().size(), kImagePixels));
  }
  return MakeTask(models, request.model(), request.version(), request.pixels());
}

absl::StatusOr<ClassifyTask> CheckRequest(const ModelRegistry& models,
                                          const v1::ClassifyStreamRequest& request) {
  if (!request.has_request()) return InvalidField("request", "the message has no request");
  absl::StatusOr<ClassifyTask> task = CheckRequest(models, request.request());
  if (task.ok()) return task;
  return WithField(task.status(), "request." + FieldOf(task.status()));
}

absl::StatusOr<ClassifyTask> CheckRequest(const ModelRegistry& models,
                                          const v1::ClassifyBatchRequest& request,
                                          size_t max_batch_images) {
  const size_t bytes = request.pixels().size();
  if (bytes == 0) {
    return InvalidField("pixels", "the batch is empty: pixels holds n x 784 bytes, n at least 1");
  }
  if (bytes % kImagePixels != 0) {
    return InvalidField(
        "pixels", fmt::format("pixels has {} bytes, which is not a multiple of {}: "
                              "{} images and {} bytes more",
                              bytes, kImagePixels, bytes / kImagePixels, bytes % kImagePixels));
  }
  if (bytes / kImagePixels > max_batch_images) {
    return InvalidField(
        "pixels", fmt::format("the batch has {} images; a request may hold {}: send it in parts",
                              bytes / kImagePixels, max_batch_images));
  }
  return MakeTask(models, request.model(), request.version(), request.pixels());
}

absl::StatusOr<const ServedModel*> FindModel(const ModelRegistry& models, std::string_view name,
                                             std::string_view version) {
  absl::StatusOr<const ServedModel*> model = models.Find(name, version);
  if (model.ok()) return model;
  const bool known_name = models.Find(name, "").ok();
  return WithField(model.status(), known_name ? "version" : "model");
}

}  // namespace digits
