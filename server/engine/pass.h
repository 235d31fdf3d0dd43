// Forward passes for images that wait, wherever they come from.
#ifndef DIGITS_SERVER_ENGINE_PASS_H_
#define DIGITS_SERVER_ENGINE_PASS_H_

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

  // 784, row-major; valid until it is answered or dropped.
  virtual const uint8_t* pixels() const = 0;

  // Asked once, right before the image would cost arithmetic.
  virtual bool StillWanted() = 0;

  // One of these is called once; the image is not touched afterwards.
  virtual void Answered(std::span<const float> probabilities, float digit_score) = 0;
  virtual void Dropped() = 0;
};

// Collects images and computes them in passes. For one thread at a time.
class Pass {
 public:
  explicit Pass(const Classifier& classifier);

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
  std::vector<WaitingImage*> images_;
  std::vector<WaitingImage*> running_;
  std::vector<const uint8_t*> pixels_;
  std::vector<float> probabilities_;
  std::vector<float> digit_scores_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_PASS_H_
