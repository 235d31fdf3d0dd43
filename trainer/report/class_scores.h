// How well each class is read.
#ifndef DIGITS_TRAINER_REPORT_CLASS_SCORES_H_
#define DIGITS_TRAINER_REPORT_CLASS_SCORES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "trainer/data/confusion.h"

namespace digits {

struct ClassScore {
  int64_t images = 0;               // of this class
  int64_t answers = 0;              // that say this class
  int64_t right = 0;                // both
  std::optional<double> precision;  // right / answers, 0 to 1; none without answers
  std::optional<double> recall;     // right / images, 0 to 1; none without images
};

// One for each class.
std::vector<ClassScore> ScoreClasses(const ConfusionMatrix& confusion, size_t classes);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_CLASS_SCORES_H_
