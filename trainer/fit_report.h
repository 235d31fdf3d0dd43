// The page about a network that has just been fitted.
#ifndef DIGITS_TRAINER_FIT_REPORT_H_
#define DIGITS_TRAINER_FIT_REPORT_H_

#include "absl/status/status.h"
#include "trainer/data/read.h"
#include "trainer/fit_flags.h"
#include "trainer/training/fit.h"

namespace digits {

// Writes the report to flags.report: on the data's test part, or without one on its training part.
// `result` holds its provenance already.
absl::Status WriteFitReport(const FitResult& result, const TrainingData& data,
                            const FitFlags& flags);

}  // namespace digits

#endif  // DIGITS_TRAINER_FIT_REPORT_H_
