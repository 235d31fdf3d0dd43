// What `fit` and `distill` do once their flags are known.
#ifndef DIGITS_TRAINER_FIT_RUN_H_
#define DIGITS_TRAINER_FIT_RUN_H_

#include <ostream>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "trainer/fit_flags.h"
#include "trainer/training/fit.h"

namespace digits {

// InvalidArgument where something that the fit writes would overwrite one of the files that are
// read.
absl::Status CheckKeepsInputs(const FitFlags& flags, std::span<const std::string> inputs);

// Reads the data, fits, the images distorted as the flags say and otherwise as `images` says,
// writes the weights with where they came from, and says on `out` what they are worth. Returns the
// program's exit code.
int RunFit(FitFlags flags, FitImages images, std::ostream& out);

}  // namespace digits

#endif  // DIGITS_TRAINER_FIT_RUN_H_
