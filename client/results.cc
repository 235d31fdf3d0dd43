#include "client/results.h"

namespace digits {

std::optional<bool> Results::is_digit(size_t i) const {
  if (!digit_threshold || answers.digit_scores.empty()) return std::nullopt;
  return answers.digit_scores[i] >= *digit_threshold;
}

size_t CountUnlikeAnyClass(const Results& results) {
  size_t count = 0;
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results.is_digit(i).value_or(true)) ++count;
  }
  return count;
}

std::optional<ConfusionMatrix> Confusion(const Results& results) {
  ConfusionMatrix confusion(results.class_names.size());
  for (size_t i = 0; i < results.size(); ++i) {
    const std::optional<size_t>& truth = results.examples.truth[i];
    if (truth) confusion.Add(*truth, results.answers.labels[i]);
  }
  if (confusion.total() == 0) return std::nullopt;
  return confusion;
}

}  // namespace digits
