#include "trainer/calibration/temperature.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "absl/status/status.h"

namespace digits {
namespace {

// Logits up to a constant of each image, and the right classes.
class LogitSet {
 public:
  LogitSet(std::span<const float> probabilities, std::span<const uint8_t> labels)
      : labels_(labels), classes_(probabilities.size() / labels.size()) {
    assert(!labels.empty() && classes_ * labels.size() == probabilities.size());
    logits_.reserve(probabilities.size());
    for (const float probability : probabilities) {
      logits_.push_back(std::log(std::max(probability, std::numeric_limits<float>::min())));
    }
  }

  double NegativeLogLikelihood(double temperature) const {
    double sum = 0;
    for (size_t i = 0; i < labels_.size(); ++i) {
      const std::span<const float> row = std::span(logits_).subspan(i * classes_, classes_);
      const double greatest = *std::ranges::max_element(row);
      double exponentials = 0;
      for (const float logit : row) exponentials += std::exp((logit - greatest) / temperature);
      sum += std::log(exponentials) - (row[labels_[i]] - greatest) / temperature;
    }
    return sum / static_cast<double>(labels_.size());
  }

 private:
  const std::span<const uint8_t> labels_;
  const size_t classes_;
  std::vector<float> logits_;  // n x classes
};

}  // namespace

double NegativeLogLikelihood(std::span<const float> probabilities, std::span<const uint8_t> labels,
                             double temperature) {
  return LogitSet(probabilities, labels).NegativeLogLikelihood(temperature);
}

absl::StatusOr<double> FitTemperature(std::span<const float> probabilities,
                                      std::span<const uint8_t> labels) {
  const LogitSet logits(probabilities, labels);
  const auto at = [&logits](double log_temperature) {
    return logits.NegativeLogLikelihood(std::exp(log_temperature));
  };
  // The loss is convex in 1 / T, so it has one valley in ln T too: golden-section search. Halfway
  // to the precision of float64 its bottom is flat.
  constexpr double kGolden = 0.6180339887498949;
  constexpr double kTolerance = 1e-6;
  double low = std::log(kMinTemperature);
  double high = std::log(kMaxTemperature);
  double left = high - kGolden * (high - low);
  double right = low + kGolden * (high - low);
  double at_left = at(left);
  double at_right = at(right);
  while (high - low > kTolerance) {
    if (at_left <= at_right) {
      high = right;
      right = left;
      at_right = at_left;
      left = high - kGolden * (high - low);
      at_left = at(left);
    } else {
      low = left;
      left = right;
      at_left = at_right;
      right = low + kGolden * (high - low);
      at_right = at(right);
    }
  }
  const double temperature = std::exp((low + high) / 2);
  constexpr double kAtLimit = 1.001;
  if (temperature < kMinTemperature * kAtLimit) {
    return absl::FailedPreconditionError(fmt::format(
        "the temperature would fall below {}: the network is right about (nearly) all of the {} "
        "images, so that no confidence is too high for it; calibrate on more images, which it was "
        "not trained on",
        kMinTemperature, labels.size()));
  }
  if (temperature > kMaxTemperature / kAtLimit) {
    return absl::FailedPreconditionError(fmt::format(
        "the temperature would rise above {}: on the {} images the network is no better "
        "than a guess; are their labels those that it was trained on?",
        kMaxTemperature, labels.size()));
  }
  return temperature;
}

}  // namespace digits
