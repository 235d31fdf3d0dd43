// What is counted of a model's answers and of the passes that compute them.
#ifndef DIGITS_SERVER_SERVICE_MODEL_METRICS_H_
#define DIGITS_SERVER_SERVICE_MODEL_METRICS_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "server/engine/pass.h"
#include "server/service/counters.h"
#include "server/service/histogram.h"

namespace digits {

struct ModelDescription {
  std::string name;
  std::string version;
  std::string precision;     // "f32" or "int8"
  std::string architecture;  // "784-16-16-10"
  std::string sha256;        // of the weights file
  // Different ones, without line breaks.
  std::vector<std::string> class_names;
  // Whether its answers say if the image is a digit at all.
  bool tells_digits = false;
  std::chrono::nanoseconds load_time{0};
};

// Millionths, shown as 0 to 1. Most answers are sure, so that is where the ranges are narrow.
inline constexpr std::array<uint64_t, 12> kConfidenceBounds = {100'000, 200'000, 300'000, 400'000,
                                                               500'000, 600'000, 700'000, 800'000,
                                                               900'000, 950'000, 990'000, 999'000};
inline constexpr Scale kConfidence = {kConfidenceBounds, 1e6};

// Sums of the 784 pixels, shown as their mean from 0 (blank) to 1. MNIST's digits have 0.13 on
// average.
inline constexpr uint64_t kFullInk = uint64_t{784} * 255;
inline constexpr std::array<uint64_t, 14> kInkBounds = {0,
                                                        kFullInk / 40,
                                                        kFullInk / 20,
                                                        kFullInk * 3 / 40,
                                                        kFullInk / 10,
                                                        kFullInk / 8,
                                                        kFullInk * 3 / 20,
                                                        kFullInk * 7 / 40,
                                                        kFullInk / 5,
                                                        kFullInk / 4,
                                                        kFullInk * 3 / 10,
                                                        kFullInk * 2 / 5,
                                                        kFullInk / 2,
                                                        kFullInk * 3 / 4};
inline constexpr Scale kInk = {kInkBounds, static_cast<double>(kFullInk)};

inline constexpr std::array<uint64_t, 16> kPassBounds = {
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
inline constexpr Scale kPassImages = {kPassBounds, 1};

// Of one model. May be used from any number of threads at once.
class ModelMetrics final : public PassObserver {
 public:
  // `threads`: as for Counters.
  ModelMetrics(ModelDescription description, size_t threads)
      : description_(std::move(description)),
        counters_(description_.class_names.size() + 1, threads),
        confidence_(kConfidence, threads),
        ink_(kInk, threads),
        pass_images_(kPassImages, threads),
        queued_(kSecondsFrom1us, threads),
        computing_(kSecondsFrom1us, threads) {}

  // Answers collected by one thread, which costs less than counting each. What is collected counts
  // when the tally ends.
  class Tally {
   public:
    explicit Tally(ModelMetrics& model) : model_(model), labels_(model.classes()) {}
    ~Tally() { model_.Add(*this); }
    Tally(const Tally&) = delete;
    Tally& operator=(const Tally&) = delete;

    // As ModelMetrics::Answered.
    void Answered(size_t label, float confidence, uint32_t ink, bool is_digit) {
      ++labels_[label];
      if (!is_digit) ++not_digits_;
      confidence_.Add(Millionths(confidence));
      ink_.Add(ink);
    }

   private:
    friend class ModelMetrics;

    ModelMetrics& model_;
    std::vector<uint64_t> labels_;
    uint64_t not_digits_ = 0;
    Histogram::Tally confidence_{kConfidence};
    Histogram::Tally ink_{kInk};
  };

  // One image's answer. `label`: of a class. `confidence`: 0 to 1. `ink`: InkOf its pixels.
  // `is_digit`: true where the model does not tell.
  void Answered(size_t label, float confidence, uint32_t ink, bool is_digit) {
    counters_.Add(label);
    if (!is_digit) counters_.Add(classes());
    confidence_.Record(Millionths(confidence));
    ink_.Record(ink);
  }

  void Ran(size_t images, std::chrono::nanoseconds queued,
           std::chrono::nanoseconds computing) override {
    pass_images_.Record(images);
    queued_.Record(queued);
    computing_.Record(computing);
  }

  const ModelDescription& description() const { return description_; }
  uint64_t answers(size_t label) const { return counters_.Total(label); }
  uint64_t not_digits() const { return counters_.Total(classes()); }
  const Histogram& confidence() const { return confidence_; }
  const Histogram& ink() const { return ink_; }
  const Histogram& pass_images() const { return pass_images_; }
  const Histogram& queued() const { return queued_; }
  const Histogram& computing() const { return computing_; }

 private:
  // Rounded up, so that no value gets into a range whose bound it exceeds.
  static uint64_t Millionths(float confidence) {
    const double exact = confidence > 0 ? std::min<double>(confidence, 1) * 1e6 : 0;
    const auto whole = static_cast<uint64_t>(exact);
    return whole + static_cast<uint64_t>(static_cast<double>(whole) < exact);
  }

  void Add(const Tally& tally) {
    for (size_t label = 0; label < tally.labels_.size(); ++label) {
      if (tally.labels_[label] > 0) counters_.Add(label, tally.labels_[label]);
    }
    if (tally.not_digits_ > 0) counters_.Add(classes(), tally.not_digits_);
    confidence_.Record(tally.confidence_);
    ink_.Record(tally.ink_);
  }

  size_t classes() const { return description_.class_names.size(); }

  ModelDescription description_;
  Counters counters_;  // answers by label, then those that are no digits
  Histogram confidence_;
  Histogram ink_;
  Histogram pass_images_;
  Histogram queued_;
  Histogram computing_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_MODEL_METRICS_H_
