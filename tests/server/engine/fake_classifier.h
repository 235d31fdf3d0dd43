// A classifier whose answers a test can foretell, and models made of it.
#ifndef DIGITS_TESTS_SERVER_ENGINE_FAKE_CLASSIFIER_H_
#define DIGITS_TESTS_SERVER_ENGINE_FAKE_CLASSIFIER_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/engine/classifier.h"
#include "server/engine/registry.h"
#include "server/image/image.h"
#include "server/model/network.h"

namespace digits {

// An image's class is its first pixel modulo 10, with probability 0.55; each other class has 0.05.
// Its digit score is a quarter of the first pixel.
class FakeClassifier final : public Classifier {
 public:
  // `on_classify`, where given, is called with the number of images before they are computed.
  explicit FakeClassifier(std::function<void(size_t)> on_classify = nullptr)
      : on_classify_(std::move(on_classify)) {}

  int classes() const override { return 10; }
  std::string_view precision() const override { return "f32"; }

  void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                std::span<float> digit_scores) const override {
    const size_t images = pixels.size() / kImagePixels;
    if (on_classify_ != nullptr) on_classify_(images);
    std::fill(probabilities.begin(), probabilities.end(), 0.05f);
    for (size_t i = 0; i < images; ++i)
      probabilities[i * 10 + pixels[i * kImagePixels] % 10] = 0.55f;
    for (size_t i = 0; i < digit_scores.size(); ++i) {
      digit_scores[i] = static_cast<float>(pixels[i * kImagePixels]) / 4;
    }
  }

  void ClassifyEach(std::span<const uint8_t* const> images, std::span<float> probabilities,
                    std::span<float> digit_scores) const override {
    std::vector<uint8_t> pixels;
    for (const uint8_t* image : images) pixels.insert(pixels.end(), image, image + kImagePixels);
    Classify(pixels, probabilities, digit_scores);
  }

  // As Classifier's.
  size_t images_a_pass = 128;
  std::chrono::nanoseconds time_of_a_pass{0};
  size_t pass_images() const override { return images_a_pass; }
  std::chrono::nanoseconds pass_time() const override { return time_of_a_pass; }

 private:
  const std::function<void(size_t)> on_classify_;
};

inline ServedModel MakeFakeModel(const std::string& name,
                                 std::unique_ptr<const Classifier> classifier) {
  ServedModel model;
  model.name = name;
  model.sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  model.version = model.sha256.substr(0, 12);
  model.layers = {{784, 16, Activation::kRelu}, {16, 10, Activation::kSoftmax}};
  model.class_names = DecimalClassNames();
  model.provenance = {{"data", "a test"}, {"test_accuracy", "0.5"}};
  model.classifier = std::move(classifier);
  return model;
}

// One image after another, image i beginning with `first_pixels[i]`.
inline std::string Images(std::span<const uint8_t> first_pixels) {
  std::string pixels(first_pixels.size() * kImagePixels, '\0');
  for (size_t i = 0; i < first_pixels.size(); ++i) {
    pixels[i * kImagePixels] = static_cast<char>(first_pixels[i]);
  }
  return pixels;
}

inline std::string Image28(uint8_t first_pixel) { return Images({&first_pixel, 1}); }

}  // namespace digits

#endif  // DIGITS_TESTS_SERVER_ENGINE_FAKE_CLASSIFIER_H_
