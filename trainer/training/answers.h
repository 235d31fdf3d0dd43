// What a classifier says of a whole data set.
#ifndef DIGITS_TRAINER_TRAINING_ANSWERS_H_
#define DIGITS_TRAINER_TRAINING_ANSWERS_H_

#include <vector>

#include "server/engine/classifier.h"
#include "trainer/data/data_set.h"

namespace digits {

struct Answers {
  std::vector<float> probabilities;  // n x classes, row-major
  std::vector<float> digit_scores;   // n
};

Answers AnswersTo(const Classifier& classifier, const DataSet& data);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_ANSWERS_H_
