#include "trainer/report/reliability.h"

#include <algorithm>
#include <cmath>

namespace digits {

Reliability MeasureReliability(std::span<const Answer> answers) {
  Reliability reliability;
  for (const Answer& answer : answers) {
    const double place = std::ceil(static_cast<double>(answer.confidence) * kReliabilityBins) - 1;
    const auto index =
        static_cast<size_t>(std::clamp(place, 0.0, static_cast<double>(kReliabilityBins - 1)));
    ReliabilityBin& bin = reliability.bins[index];
    ++bin.images;
    bin.confidence += static_cast<double>(answer.confidence);
    if (answer.right()) bin.accuracy += 1;
  }
  double gaps = 0;  // each times the images of its bin
  for (ReliabilityBin& bin : reliability.bins) {
    if (bin.images == 0) continue;
    gaps += std::abs(bin.accuracy - bin.confidence);
    bin.confidence /= static_cast<double>(bin.images);
    bin.accuracy /= static_cast<double>(bin.images);
  }
  reliability.expected_calibration_error = gaps / static_cast<double>(answers.size());
  return reliability;
}

}  // namespace digits
