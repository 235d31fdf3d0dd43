// Robustness in text and in JSON.
#ifndef DIGITS_TRAINER_ROBUSTNESS_REPORT_H_
#define DIGITS_TRAINER_ROBUSTNESS_REPORT_H_

#include <span>
#include <string>
#include <string_view>

#include "trainer/robustness/robustness.h"

namespace digits {

// For people, ending in a line break: a row a kind, with the errors of its severities in percent
// and their mean, and the mean of their expected calibration errors (ECE); the images as they are
// in the first row, the mean of all in the last.
std::string RobustnessTable(const Robustness& robustness);

// An object, ending in a line break: "data", "weights_sha256", "precision" (of the answers),
// "images", "clean_error", "mean_error", "clean_expected_calibration_error",
// "mean_expected_calibration_error", and "perturbations", an array of {"kind", "severity", "unit",
// "error", "expected_calibration_error"}. Errors are from 0 to 1. The hash is a text, or an array
// of them where several files answer together.
std::string RobustnessJson(const Robustness& robustness, std::string_view data_name,
                           std::span<const std::string> weights_sha256, std::string_view precision);

}  // namespace digits

#endif  // DIGITS_TRAINER_ROBUSTNESS_REPORT_H_
