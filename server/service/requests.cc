#include "server/service/requests.h"

#include <string>
#include <utility>

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
                                      const std::string& version, std::span<const uint8_t> pixels) {
  absl::StatusOr<const ServedModel*> found = FindModel(models, model, version);
  if (!found.ok()) return found.status();
  return ClassifyTask{*found, pixels};
}

absl::Status CheckPicture(const v1::Picture& picture) {
  const uint64_t width = picture.width();
  const uint64_t height = picture.height();
  for (const auto& [name, side] : {std::pair("width", width), std::pair("height", height)}) {
    if (side > 0) continue;
    return InvalidField(fmt::format("picture.{}", name),
                        fmt::format("picture.{} is 0; a picture has at least 1 pixel", name));
  }
  if (width * height > kMaxPicturePixels) {
    return InvalidField("picture",
                        fmt::format("the picture is {} x {}; at most {} pixels are read: shrink it",
                                    width, height, kMaxPicturePixels));
  }
  if (picture.pixels().size() != width * height) {
    return InvalidField("picture.pixels",
                        fmt::format("picture.pixels has {} bytes; a picture of {} x {} has {}",
                                    picture.pixels().size(), width, height, width * height));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ClassifyTask> CheckRequest(const ModelRegistry& models,
                                          const v1::ClassifyRequest& request) {
  if (request.has_picture()) {
    const v1::Picture& picture = request.picture();
    if (absl::Status status = CheckPicture(picture); !status.ok()) return status;
    absl::StatusOr<ClassifyTask> task = MakeTask(models, request.model(), request.version(), {});
    if (task.ok()) {
      task->picture = ViewOf(static_cast<int>(picture.width()), static_cast<int>(picture.height()),
                             Bytes(picture.pixels()));
    }
    return task;
  }
  if (request.image_case() != v1::ClassifyRequest::kPixels) {
    return InvalidField("pixels",
                        "the request has no image: set pixels to 784 bytes, or picture to one of "
                        "any size");
  }
  if (request.pixels().size() != kImagePixels) {
    return InvalidField("pixels",
                        fmt::format("pixels has {} bytes; an image is exactly {}: 28 rows of 28",
                                    request.pixels().size(), kImagePixels));
  }
  return MakeTask(models, request.model(), request.version(), Bytes(request.pixels()));
}

absl::StatusOr<ClassifyTask> CheckRequest(const ModelRegistry& models,
                                          const v1::ClassifyStreamRequest& request) {
  if (!request.has_request()) return InvalidField("request", "the message has no request");
  absl::StatusOr<ClassifyTask> task = CheckRequest(models, request.request());
  if (task.ok()) {
    task->picture_field = "request.picture";
    return task;
  }
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
  return MakeTask(models, request.model(), request.version(), Bytes(request.pixels()));
}

absl::StatusOr<const ServedModel*> FindModel(const ModelRegistry& models, std::string_view name,
                                             std::string_view version) {
  absl::StatusOr<const ServedModel*> model = models.Find(name, version);
  if (model.ok()) return model;
  const bool known_name = models.Find(name, "").ok();
  return WithField(model.status(), known_name ? "version" : "model");
}

}  // namespace digits
