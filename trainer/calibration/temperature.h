// The temperature that makes confidences honest: Guo et al. 2017, "On Calibration of Modern Neural
// Networks", section 4.2.
#ifndef DIGITS_TRAINER_CALIBRATION_TEMPERATURE_H_
#define DIGITS_TRAINER_CALIBRATION_TEMPERATURE_H_

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"

namespace digits {

// The mean of -ln of the probability of the right class after softmax(logits / temperature), in
// nats.
// probabilities: n x classes, row-major, softmax(logits); those below the least normal float count
// as that. labels: n, at least one, below the number of classes.
double NegativeLogLikelihood(std::span<const float> probabilities, std::span<const uint8_t> labels,
                             double temperature = 1);

inline constexpr double kMinTemperature = 1.0 / 64;
inline constexpr double kMaxTemperature = 64;

// The temperature with the least NegativeLogLikelihood(), to within a millionth of itself.
// Arguments as there. FailedPrecondition, saying why, where that is not between the limits above:
// too low where all images are read rightly, for the likelihood then only grows with confidence;
// too high where the answers are no better than guesses.
absl::StatusOr<double> FitTemperature(std::span<const float> probabilities,
                                      std::span<const uint8_t> labels);

}  // namespace digits

#endif  // DIGITS_TRAINER_CALIBRATION_TEMPERATURE_H_
