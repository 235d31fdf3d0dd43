// What serving and evaluation ask of an engine.
#ifndef DIGITS_SERVER_ENGINE_CLASSIFIER_H_
#define DIGITS_SERVER_ENGINE_CLASSIFIER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "server/image/image.h"

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
  // digit_scores: n, as Softmax() in softmax.h defines them; or empty where nobody asks for them.
  virtual void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                        std::span<float> digit_scores) const = 0;

  void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities) const {
    Classify(pixels, probabilities, {});
  }

  // The same for n images of 784 that lie apart.
  virtual void ClassifyEach(std::span<const uint8_t* const> images, std::span<float> probabilities,
                            std::span<float> digit_scores) const {
    const auto rows = static_cast<size_t>(classes());
    for (size_t i = 0; i < images.size(); ++i) {
      Classify({images[i], kImagePixels}, probabilities.subspan(i * rows, rows),
               digit_scores.empty() ? digit_scores : digit_scores.subspan(i, 1));
    }
  }

  // The most images that are worth a pass of their own, at least 1, and about how long one thread
  // takes for so many.
  virtual size_t pass_images() const { return 128; }
  virtual std::chrono::nanoseconds pass_time() const { return std::chrono::nanoseconds(0); }
};

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_CLASSIFIER_H_
