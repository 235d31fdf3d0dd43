// Scores a classifier by the suite of perturbations.
#ifndef DIGITS_TRAINER_ROBUSTNESS_ROBUSTNESS_H_
#define DIGITS_TRAINER_ROBUSTNESS_ROBUSTNESS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/classifier.h"
#include "trainer/data/data_set.h"
#include "trainer/robustness/suite.h"

namespace digits {

struct PerturbationScore {
  Perturbation perturbation;
  double error = 0;              // 0 to 1: the part of the images that is read wrongly
  double calibration_error = 0;  // ExpectedCalibrationError()
};

struct Robustness {
  size_t images = 0;
  double clean_error = 0;                 // of the images as they are
  double clean_calibration_error = 0;     // of these, too
  std::vector<PerturbationScore> scores;  // as RobustnessSuite()

  // Of the scores, each perturbation counting the same; without the images as they are.
  double mean_error() const;
  double mean_calibration_error() const;
};

// Scores the first `images` images of `data`, or all where there are fewer, once for each
// perturbation. FailedPrecondition where the data has no labels, InvalidArgument where there are no
// images; labels must be classes of the classifier. Takes the memory of two such data sets.
absl::StatusOr<Robustness> EvaluateRobustness(const Classifier& classifier, const DataSet& data,
                                              size_t images);

}  // namespace digits

#endif  // DIGITS_TRAINER_ROBUSTNESS_ROBUSTNESS_H_
