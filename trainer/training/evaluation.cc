#include "trainer/training/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trainer/training/answers.h"

namespace digits {

Evaluation Evaluate(std::span<const float> probabilities, std::span<const uint8_t> labels,
                    size_t classes) {
  Evaluation result(classes);
  result.predictions.reserve(labels.size());
  for (const uint8_t label : labels) {
    const std::span<const float> row =
        probabilities.subspan(result.predictions.size() * classes, classes);
    const auto prediction = static_cast<size_t>(std::ranges::max_element(row) - row.begin());
    result.predictions.push_back(static_cast<uint8_t>(prediction));
    result.confusion.Add(label, prediction);
    result.loss -= std::log(std::max(row[label], std::numeric_limits<float>::min()));
  }
  result.loss /= static_cast<double>(labels.size());
  return result;
}

Evaluation Evaluate(const Classifier& classifier, const DataSet& data) {
  return Evaluate(AnswersTo(classifier, data).probabilities, data.labels,
                  static_cast<size_t>(classifier.classes()));
}

}  // namespace digits
