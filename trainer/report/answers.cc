#include "trainer/report/answers.h"

#include <algorithm>
#include <cassert>

namespace digits {

std::vector<Answer> AnswersOf(std::span<const float> probabilities,
                              std::span<const uint8_t> labels) {
  std::vector<Answer> answers;
  if (labels.empty()) return answers;
  const size_t classes = probabilities.size() / labels.size();
  assert(classes * labels.size() == probabilities.size());
  answers.reserve(labels.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::span<const float> row = probabilities.subspan(i * classes, classes);
    const auto best = std::ranges::max_element(row);
    answers.push_back({labels[i], static_cast<uint8_t>(best - row.begin()), *best, row[labels[i]]});
  }
  return answers;
}

std::vector<size_t> WorstMistakes(const std::vector<Answer>& answers, size_t count) {
  std::vector<size_t> mistakes;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].right()) mistakes.push_back(i);
  }
  std::ranges::stable_sort(mistakes, [&answers](size_t a, size_t b) {
    return answers[a].confidence > answers[b].confidence;
  });
  mistakes.resize(std::min(mistakes.size(), count));
  return mistakes;
}

}  // namespace digits
