// A classifier for tests.
#ifndef DIGITS_TESTS_TRAINER_REPORT_FAKE_CLASSIFIER_H_
#define DIGITS_TESTS_TRAINER_REPORT_FAKE_CLASSIFIER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "server/engine/classifier.h"
#include "trainer/data/data_set.h"

namespace digits {

// Answers with the class that an image's first pixel says and a confidence of as many percent as
// its second pixel says; the other classes share the rest.
class PixelsClassifier : public Classifier {
 public:
  explicit PixelsClassifier(int classes) : classes_(classes) {}

  int classes() const override { return classes_; }
  std::string_view precision() const override { return "f32"; }
  void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                std::span<float> /*digit_scores*/) const override {
    const auto classes = static_cast<size_t>(classes_);
    for (size_t i = 0; i < pixels.size() / kImagePixels; ++i) {
      const float confidence = static_cast<float>(pixels[i * kImagePixels + 1]) / 100;
      for (size_t c = 0; c < classes; ++c) {
        probabilities[i * classes + c] = c == pixels[i * kImagePixels]
                                             ? confidence
                                             : (1 - confidence) / static_cast<float>(classes - 1);
      }
    }
  }

 private:
  const int classes_;
};

struct Asked {
  uint8_t truth;
  uint8_t answer;
  uint8_t percent;
};

// Images to which that classifier gives these answers.
inline DataSet ImagesFor(const std::vector<Asked>& all) {
  DataSet data;
  data.name = "made up";
  for (const auto& [truth, answer, percent] : all) {
    data.labels.push_back(truth);
    data.pixels.push_back(answer);
    data.pixels.push_back(percent);
    data.pixels.resize(data.labels.size() * kImagePixels);
  }
  return data;
}

}  // namespace digits

#endif  // DIGITS_TESTS_TRAINER_REPORT_FAKE_CLASSIFIER_H_
