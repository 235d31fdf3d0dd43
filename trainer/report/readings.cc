#include "trainer/report/readings.h"

#include <algorithm>
#include <cassert>

namespace digits {

std::vector<Reading> ReadingsOf(std::span<const float> probabilities,
                                std::span<const uint8_t> labels) {
  std::vector<Reading> readings;
  if (labels.empty()) return readings;
  const size_t classes = probabilities.size() / labels.size();
  assert(classes * labels.size() == probabilities.size());
  readings.reserve(labels.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::span<const float> row = probabilities.subspan(i * classes, classes);
    const auto best = std::ranges::max_element(row);
    readings.push_back(
        {labels[i], static_cast<uint8_t>(best - row.begin()), *best, row[labels[i]]});
  }
  return readings;
}

std::vector<size_t> WorstMistakes(const std::vector<Reading>& readings, size_t count) {
  std::vector<size_t> mistakes;
  for (size_t i = 0; i < readings.size(); ++i) {
    if (!readings[i].right()) mistakes.push_back(i);
  }
  std::ranges::stable_sort(mistakes, [&readings](size_t a, size_t b) {
    return readings[a].confidence > readings[b].confidence;
  });
  mistakes.resize(std::min(mistakes.size(), count));
  return mistakes;
}

}  // namespace digits
