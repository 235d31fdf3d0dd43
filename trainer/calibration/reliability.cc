#include "trainer/calibration/reliability.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace digits {
namespace {

size_t BinOf(double confidence) {
  const double bin = std::ceil(confidence * kReliabilityBins) - 1;
  return static_cast<size_t>(std::clamp(bin, 0.0, static_cast<double>(kReliabilityBins - 1)));
}

}  // namespace

Reliability MeasureReliability(std::span<const float> probabilities,
                               std::span<const uint8_t> labels) {
  Reliability bins;
  if (labels.empty()) return bins;
  const size_t classes = probabilities.size() / labels.size();
  assert(classes * labels.size() == probabilities.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::span<const float> row = probabilities.subspan(i * classes, classes);
    const auto answer = std::ranges::max_element(row);
    ReliabilityBin& bin = bins[BinOf(*answer)];
    ++bin.images;
    bin.confidence += *answer;
    if (answer - row.begin() == labels[i]) ++bin.accuracy;
  }
  for (ReliabilityBin& bin : bins) {
    if (bin.images == 0) continue;
    bin.confidence /= static_cast<double>(bin.images);
    bin.accuracy /= static_cast<double>(bin.images);
  }
  return bins;
}

double ExpectedCalibrationError(const Reliability& reliability) {
  double sum = 0;
  double images = 0;
  for (const ReliabilityBin& bin : reliability) {
    sum += static_cast<double>(bin.images) * std::abs(bin.accuracy - bin.confidence);
    images += static_cast<double>(bin.images);
  }
  return images > 0 ? sum / images : 0;
}

}  // namespace digits
