// One image to classify, from its message to its answer: what single calls and streams share.
#ifndef DIGITS_SERVER_SERVICE_IMAGE_REQUEST_H_
#define DIGITS_SERVER_SERVICE_IMAGE_REQUEST_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "digits/v1/digits.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/engine/pass.h"
#include "server/image/image.h"
#include "server/service/answers.h"
#include "server/service/compute.h"
#include "server/service/loop.h"
#include "server/service/requests.h"

namespace digits {

// Reads the message, has its image computed and fills the answer. What is read at once is read on
// the loop's thread; large messages, and pictures, which are to be made into images first, on one
// of Compute's. Used for one message after another.
class ImageRequest : public WaitingImage {
 public:
  using Clock = std::chrono::steady_clock;

  // What is referred to outlives it.
  ImageRequest(const ServiceContext& context, Compute& compute)
      : context_(context), compute_(compute) {}

  // On the loop's thread. Empties `bytes`, which have arrived at `arrival`. Leads to one Respond or
  // Fail, on any thread, perhaps before this returns.
  void Take(grpc::ByteBuffer& bytes, Clock::time_point arrival, Loop& loop);

  const uint8_t* pixels() const final { return pixels_; }
  bool StillWanted() final;
  void Answered(std::span<const float> probabilities, float digit_score) final;
  void Dropped() final;

 private:
  // The message, whose memory is kept from one to the next, but for that of large ones.
  virtual absl::Status Parse(grpc::ByteBuffer& bytes) = 0;
  virtual absl::StatusOr<ClassifyTask> Check(const ModelRegistry& models) const = 0;
  virtual const v1::ClassifyRequest& request() const = 0;
  virtual void Forget() = 0;

  // OK while the caller waits.
  virtual absl::Status StillWaits() const = 0;

  // The answer to fill, and then to send; or the error. Sending is the last that is asked of it.
  virtual v1::ClassifyResponse& EmptyResponse() = 0;
  virtual void Respond() = 0;
  virtual void Fail(const absl::Status& error) = 0;

  // Has Read() called on one of Compute's threads.
  void ReadLater(size_t bytes);
  void Read();
  absl::Status MakeImage();

  const ServiceContext& context_;
  Compute& compute_;
  bool large_ = false;
  grpc::ByteBuffer bytes_;  // of a large message, until it is read
  const ServedModel* model_ = nullptr;
  const uint8_t* pixels_ = nullptr;  // the request's, or those of image_
  bool return_image_ = false;
  Image image_{};
  absl::Status waits_;  // as StillWanted() found it
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_IMAGE_REQUEST_H_
