// What serving and evaluation ask of an engine.
#ifndef DIGITS_SERVER_ENGINE_CLASSIFIER_H_
#define DIGITS_SERVER_ENGINE_CLASSIFIER_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace digits {

// Computes the class probabilities of images. After construction all methods are const and may be
// called from any number of threads at once.
class Classifier {
 public:
  virtual ~Classifier() = default;

  virtual int classes() const = 0;

  // The arithmetic it computes in: "f32" or "int8".
  virtual std::string_view precision() const = 0;

  // pixels: n x 784, one image after another, row-major, 0 to 255; any n, 0 included.
  // probabilities: n x classes, row-major; each row sums to 1.
  // digit_scores: n, each as DigitScore() in softmax.h; or empty where nobody asks for them.
  virtual void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                        std::span<float> digit_scores) const = 0;

  void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities) const {
    Classify(pixels, probabilities, {});
  }
};

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_CLASSIFIER_H_
