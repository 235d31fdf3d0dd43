// The images that a fit keeps out, found again.
#ifndef DIGITS_TRAINER_CALIBRATION_SPLIT_H_
#define DIGITS_TRAINER_CALIBRATION_SPLIT_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "trainer/data/data_set.h"

namespace digits {

struct SplitImages {
  DataSet training;
  DataSet validation;
};

// Splits labelled images just as Fit() does with the same data, FitOptions::validation_split and
// seed. InvalidArgument where the split is not between 0 and 1 or leaves either part without
// images.
absl::StatusOr<SplitImages> SplitAsFit(const DataSet& data, double validation_split, uint64_t seed);

}  // namespace digits

#endif  // DIGITS_TRAINER_CALIBRATION_SPLIT_H_
