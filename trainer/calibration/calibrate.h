// Measures all that a network's weights file says of its confidence and its precision.
#ifndef DIGITS_TRAINER_CALIBRATION_CALIBRATE_H_
#define DIGITS_TRAINER_CALIBRATION_CALIBRATE_H_

#include <cstddef>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/model/network.h"
#include "trainer/calibration/input_ranges.h"
#include "trainer/calibration/split.h"
#include "trainer/data/data_set.h"

namespace digits {

// The digit threshold is the score that this share of the validation images reach.
inline constexpr double kKeptDigits = 0.99;

// On the validation images.
struct Honesty {
  double negative_log_likelihood = 0;  // mean, in nats
  double calibration_error = 0;        // ExpectedCalibrationError()
};

struct Calibration {
  Network network;  // with the temperature, the input ranges and the digit threshold
  size_t validation_images = 0;
  Honesty before;       // at temperature 1
  Honesty after;        // at the network's
  double accuracy = 0;  // in float32, whatever the temperature
  InputRanges ranges;
  std::string note;  // why the temperature was left at 1; "" where it was fitted
};

// FailedPrecondition unless the data set is labelled and has an image of every class, naming a
// missing one. `purpose` is what needs them, such as "calibration".
absl::Status CheckHasAllClasses(const DataSet& data, std::span<const std::string> class_names,
                                const std::string& purpose);

// Fits the temperature and the digit threshold to the validation images, and measures ranges on the
// training images. What the network has of these is forgotten before. Where FitTemperature() finds
// no temperature, it stays 1 and the rest is measured all the same. Also makes the logits of every
// image add up to 0, which changes no probability and no label, and evens the digit score. Labels
// are classes of the network. Errors as CheckHasAllClasses(), MakeOnednnClassifier() and
// ChooseInputRanges().
absl::StatusOr<Calibration> Calibrate(Network network, const SplitImages& images);

}  // namespace digits

#endif  // DIGITS_TRAINER_CALIBRATION_CALIBRATE_H_
