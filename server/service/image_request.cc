#include "server/service/image_request.h"

#include "server/service/messages.h"

namespace digits {

void ImageRequest::Take(grpc::ByteBuffer& bytes, Clock::time_point arrival, Loop& loop) {
  since = arrival;
  // What is larger than any request fails at once.
  large_ =
      bytes.Length() > kLargeMessageBytes && bytes.Length() <= kMaxBytesOf<v1::ClassifyRequest>;
  if (large_) {
    bytes_.Clear();
    bytes_.Swap(&bytes);
    return ReadLater(bytes_.Length());
  }
  if (absl::Status status = Parse(bytes); !status.ok()) return Fail(status);
  const absl::StatusOr<ClassifyTask> task = Check(*context_.models);
  if (!task.ok()) return Fail(task.status());
  if (task->picture) return ReadLater(task->picture->width * task->picture->height);
  model_ = task->model;
  pixels_ = task->pixels.data();
  return_image_ = request().return_image();
  if (absl::Status status = compute_.Add(*model_, *this, loop); !status.ok()) Fail(status);
}

void ImageRequest::ReadLater(size_t bytes) {
  absl::Status status = compute_.Run(bytes, [this] { Read(); });
  if (status.ok()) return;
  bytes_.Clear();
  Fail(status);
}

void ImageRequest::Read() {
  absl::Status status = MakeImage();
  bytes_.Clear();
  if (large_) Forget();
  if (status.ok()) status = compute_.Add(*model_, *this);
  if (!status.ok()) Fail(status);
}

absl::Status ImageRequest::MakeImage() {
  if (absl::Status status = StillWaits(); !status.ok()) return status;
  if (large_) {
    if (absl::Status status = Parse(bytes_); !status.ok()) return status;
  }
  const absl::StatusOr<ClassifyTask> task = Check(*context_.models);
  if (!task.ok()) return task.status();
  const absl::StatusOr<Image> image = ReadImage(context_, *task);
  if (!image.ok()) return image.status();
  model_ = task->model;
  image_ = *image;
  pixels_ = image_.data();
  return_image_ = request().return_image();
  return absl::OkStatus();
}

bool ImageRequest::StillWanted() {
  waits_ = StillWaits();
  return waits_.ok();
}

void ImageRequest::Answered(std::span<const float> probabilities, float digit_score) {
  v1::ClassifyResponse& response = EmptyResponse();
  FillResponse(*model_, probabilities, digit_score, response);
  CountAnswer(context_, *model_, pixels_, response.label(), response.confidence(), digit_score);
  if (return_image_) response.set_image(pixels_, kImagePixels);
  Respond();
}

void ImageRequest::Dropped() { Fail(waits_); }

}  // namespace digits
