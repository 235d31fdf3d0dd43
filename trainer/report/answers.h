// What a classifier answers to each image of a labelled data set.
#ifndef DIGITS_TRAINER_REPORT_ANSWERS_H_
#define DIGITS_TRAINER_REPORT_ANSWERS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/engine/classifier.h"
#include "trainer/data/data_set.h"

namespace digits {

struct Answer {
  uint8_t truth = 0;           // a class
  uint8_t label = 0;           // the class that was read: the first of the greatest probability
  float confidence = 0;        // the probability of `label`
  float truth_confidence = 0;  // the probability of `truth`

  bool right() const { return label == truth; }
};

// One for each image, in order. Labels of `data` are classes of the classifier.
std::vector<Answer> AnswersTo(const Classifier& classifier, const DataSet& data);

// The indices of the wrong answers, the most confident first and in the order of the images where
// two are alike; at most `count`.
std::vector<size_t> WorstMistakes(const std::vector<Answer>& answers, size_t count);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_ANSWERS_H_
