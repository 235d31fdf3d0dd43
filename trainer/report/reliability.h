// Whether confidences are to be believed.
#ifndef DIGITS_TRAINER_REPORT_RELIABILITY_H_
#define DIGITS_TRAINER_REPORT_RELIABILITY_H_

#include <array>
#include <cstddef>
#include <span>

#include "trainer/report/answers.h"

namespace digits {

// As Guo et al. ("On Calibration of Modern Neural Networks", 2017) choose.
inline constexpr size_t kReliabilityBins = 15;

// The answers whose confidence is above index / kReliabilityBins and at most
// (index + 1) / kReliabilityBins.
struct ReliabilityBin {
  size_t images = 0;
  double confidence = 0;  // mean; 0 where there are no images
  double accuracy = 0;    // 0 where there are no images
};

struct Reliability {
  std::array<ReliabilityBin, kReliabilityBins> bins;
  // The mean over the images of |accuracy - confidence| of their bin (Guo et al., equation 3).
  double expected_calibration_error = 0;
};

// `answers` is not empty.
Reliability MeasureReliability(std::span<const Answer> answers);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_RELIABILITY_H_
