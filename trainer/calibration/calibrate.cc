#include "trainer/calibration/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "server/engine/onednn_classifier.h"
#include "trainer/calibration/digit_score.h"
#include "trainer/calibration/reliability.h"
#include "trainer/calibration/temperature.h"
#include "trainer/training/answers.h"
#include "trainer/training/evaluation.h"

namespace digits {
namespace {

// Takes from each row of the last layer the mean of its rows. The probabilities stay as they are,
// and the logits of an image then add up to 0. Before, their sum was whatever a fit began with,
// since a loss of probabilities does not see it; it was noise in the digit score, which is now
// least where all classes are alike.
void CenterLogits(DenseLayer& last) {
  const auto inputs = static_cast<size_t>(last.inputs);
  const auto center = [](std::span<float> values, size_t stride) {
    for (size_t i = 0; i < stride; ++i) {
      double sum = 0;
      for (size_t j = i; j < values.size(); j += stride) sum += values[j];
      const double mean = sum * static_cast<double>(stride) / static_cast<double>(values.size());
      for (size_t j = i; j < values.size(); j += stride) {
        values[j] = static_cast<float>(values[j] - mean);
      }
    }
  };
  center(last.weights, inputs);
  center(last.bias, 1);
}

absl::StatusOr<Answers> AnswersInF32(const Network& network, const DataSet& data) {
  const absl::StatusOr<std::unique_ptr<Classifier>> classifier =
      MakeOnednnClassifier(network, Precision::kF32);
  if (!classifier.ok()) return classifier.status();
  return AnswersTo(**classifier, data);
}

Honesty MeasureHonesty(const Answers& answers, const DataSet& data) {
  return {NegativeLogLikelihood(answers.probabilities, data.labels),
          ExpectedCalibrationError(MeasureReliability(answers.probabilities, data.labels))};
}

}  // namespace

absl::Status CheckHasAllClasses(const DataSet& data, std::span<const std::string> class_names,
                                const std::string& purpose) {
  if (!data.labelled()) {
    return absl::FailedPreconditionError(
        fmt::format("{} has no labels, which {} needs", data.name, purpose));
  }
  for (size_t i = 0; i < class_names.size(); ++i) {
    if (std::ranges::find(data.labels, static_cast<uint8_t>(i)) != data.labels.end()) continue;
    return absl::FailedPreconditionError(fmt::format(
        "{} has no image of class '{}'; {} needs images of each of the network's {} classes",
        data.name, class_names[i], purpose, class_names.size()));
  }
  return absl::OkStatus();
}

absl::StatusOr<Calibration> Calibrate(Network network, const SplitImages& images) {
  const DataSet& validation = images.validation;
  absl::Status status = CheckHasAllClasses(images.training, network.class_names, "calibration");
  if (!status.ok()) return status;
  network.temperature = 1;
  network.input_ranges.clear();
  network.digit_threshold.reset();
  CenterLogits(network.layers.back());

  Calibration calibration;
  calibration.validation_images = validation.size();
  const absl::StatusOr<Answers> before = AnswersInF32(network, validation);
  if (!before.ok()) return before.status();
  calibration.before = MeasureHonesty(*before, validation);
  calibration.accuracy =
      Evaluate(before->probabilities, validation.labels, network.class_names.size())
          .confusion.accuracy();
  const absl::StatusOr<double> temperature =
      FitTemperature(before->probabilities, validation.labels);
  if (temperature.ok()) {
    network.temperature = static_cast<float>(*temperature);
  } else if (temperature.status().code() == absl::StatusCode::kFailedPrecondition) {
    calibration.note = fmt::format("the temperature is left at 1: {}",
                                   std::string(temperature.status().message()));
  } else {
    return temperature.status();
  }
  network.digit_threshold = ThresholdKeeping(kKeptDigits, before->digit_scores);

  const absl::StatusOr<Answers> after = AnswersInF32(network, validation);
  if (!after.ok()) return after.status();
  calibration.after = MeasureHonesty(*after, validation);

  absl::StatusOr<InputRanges> ranges = ChooseInputRanges(network, images.training, validation);
  if (!ranges.ok()) return ranges.status();
  calibration.ranges = *std::move(ranges);
  network.input_ranges = calibration.ranges.ranges;
  calibration.network = std::move(network);
  return calibration;
}

}  // namespace digits
