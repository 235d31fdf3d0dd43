// Forward passes for images that wait, wherever they come from.
#ifndef DIGITS_SERVER_ENGINE_PASS_H_
#define DIGITS_SERVER_ENGINE_PASS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "server/engine/classifier.h"

namespace digits {

// An image whose answer somebody waits for.
class WaitingImage {
 public:
  virtual ~WaitingImage() = default;

  // When it began to wait; for PassObserver alone.
  std::chrono::steady_clock::time_point since{};

  // 784, row-major; valid until it is answered or dropped.
  virtual const uint8_t* pixels() const = 0;

  // Asked once, right before the image would cost arithmetic.
  virtual bool StillWanted() = 0;

  // One of these is called once; the image is not touched afterwards.
  virtual void Answered(std::span<const float> probabilities, float digit_score) = 0;
  virtual void Dropped() = 0;
};

// Told of the passes of one model, from any thread.
class PassObserver {
 public:
  virtual ~PassObserver() = default;

  // `images`: how many were computed, at least 1. `queued`: how long the first of them had waited.
  // `computing`: how long the pass took.
  virtual void Ran(size_t images, std::chrono::nanoseconds queued,
                   std::chrono::nanoseconds computing) = 0;
};

// By the model's index; empty where nobody observes.
using PassObservers = std::vector<PassObserver*>;

// Collects images and computes them in passes. For one thread at a time.
class Pass {
 public:
  // Both outlive it.
  explicit Pass(const Classifier& classifier, PassObserver* observer = nullptr);

  void Add(WaitingImage& image) { images_.push_back(&image); }
  bool empty() const { return images_.empty(); }
  size_t images() const { return images_.size(); }
  // Whether further images would need another pass of the classifier.
  bool full() const { return images_.size() >= classifier_->pass_images(); }

  // Computes as many as the classifier takes, the first ones. What nobody waits for any more is
  // dropped, the others are answered; further images are left.
  void Run();

 private:
  const Classifier* classifier_;
  PassObserver* observer_;
  std::vector<WaitingImage*> images_;
  std::vector<WaitingImage*> running_;
  std::vector<const uint8_t*> pixels_;
  std::vector<float> probabilities_;
  std::vector<float> digit_scores_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_PASS_H_
