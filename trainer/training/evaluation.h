// How well a classifier reads a labelled data set.
#ifndef DIGITS_TRAINER_TRAINING_EVALUATION_H_
#define DIGITS_TRAINER_TRAINING_EVALUATION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "server/engine/classifier.h"
#include "trainer/data/confusion.h"
#include "trainer/data/data_set.h"

namespace digits {

struct Evaluation {
  explicit Evaluation(size_t classes) : confusion(classes) {}

  ConfusionMatrix confusion;
  // Mean of -log of the probability of the right class, which counts as at least the least normal
  // float.
  double loss = 0;
  std::vector<uint8_t> predictions;  // n: the first class of the greatest probability
};

// probabilities: n x classes, row-major, of n images, at least one; labels: n, below `classes`.
Evaluation Evaluate(std::span<const float> probabilities, std::span<const uint8_t> labels,
                    size_t classes);

// The same of what the classifier answers. `data` is not empty, and its labels are classes of the
// classifier.
Evaluation Evaluate(const Classifier& classifier, const DataSet& data);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_EVALUATION_H_
