// How often a classifier is right when it says that it is sure.
#ifndef DIGITS_TRAINER_CALIBRATION_RELIABILITY_H_
#define DIGITS_TRAINER_CALIBRATION_RELIABILITY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace digits {

inline constexpr size_t kReliabilityBins = 15;

// The answers whose confidence (the probability of the answered class) is within one bin.
struct ReliabilityBin {
  size_t images = 0;
  double confidence = 0;  // mean; 0 where there are no images
  double accuracy = 0;    // share of right answers; 0 where there are no images
};

// Bins of equal width: bin i has the confidences in (i / 15, (i + 1) / 15], the first one 0 too.
using Reliability = std::array<ReliabilityBin, kReliabilityBins>;

// probabilities: n x classes, row-major. labels: n, below the number of classes. The answer is the
// first class of the greatest probability.
Reliability MeasureReliability(std::span<const float> probabilities,
                               std::span<const uint8_t> labels);

// The mean over the images of their bins' |accuracy - confidence|: from 0 to 1, and 0 without
// images (Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3).
double ExpectedCalibrationError(const Reliability& reliability);

}  // namespace digits

#endif  // DIGITS_TRAINER_CALIBRATION_RELIABILITY_H_
