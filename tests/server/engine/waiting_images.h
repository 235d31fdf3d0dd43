// Images that remember what they are told.
#ifndef DIGITS_TESTS_SERVER_ENGINE_WAITING_IMAGES_H_
#define DIGITS_TESTS_SERVER_ENGINE_WAITING_IMAGES_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "server/engine/pass.h"
#include "server/image/image.h"

namespace digits {

// As a FakeClassifier reads it.
class FakeImage final : public WaitingImage {
 public:
  explicit FakeImage(uint8_t first_pixel) { pixels_[0] = first_pixel; }

  std::atomic<bool> wanted = true;

  // -1 until it is answered.
  int label() const { return label_; }
  float digit_score() const { return digit_score_; }
  bool dropped() const { return dropped_; }
  void WaitUntilTold() const { told_.wait(false); }

  const uint8_t* pixels() const override { return pixels_.data(); }
  bool StillWanted() override { return wanted; }
  void Answered(std::span<const float> probabilities, float digit_score) override {
    label_ = static_cast<int>(std::ranges::max_element(probabilities) - probabilities.begin());
    digit_score_ = digit_score;
    Tell();
  }
  void Dropped() override {
    dropped_ = true;
    Tell();
  }

 private:
  void Tell() {
    told_ = true;
    told_.notify_all();
  }

  std::array<uint8_t, kImagePixels> pixels_{};
  int label_ = -1;
  float digit_score_ = 0;
  bool dropped_ = false;
  std::atomic<bool> told_ = false;
};

}  // namespace digits

#endif  // DIGITS_TESTS_SERVER_ENGINE_WAITING_IMAGES_H_
