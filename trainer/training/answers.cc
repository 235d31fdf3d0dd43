#include "trainer/training/answers.h"

#include <cstddef>

namespace digits {

Answers AnswersTo(const Classifier& classifier, const DataSet& data) {
  Answers answers;
  answers.probabilities.resize(data.size() * static_cast<size_t>(classifier.classes()));
  answers.digit_scores.resize(data.size());
  classifier.Classify(data.pixels, answers.probabilities, answers.digit_scores);
  return answers;
}

}  // namespace digits
