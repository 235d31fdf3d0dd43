#include "trainer/robustness/robustness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "trainer/calibration/reliability.h"
#include "trainer/training/answers.h"
#include "trainer/training/evaluation.h"

namespace digits {
namespace {

struct Errors {
  double error;
  double calibration_error;
};

Errors ErrorsOn(const Classifier& classifier, const DataSet& data) {
  const std::vector<float> probabilities = AnswersTo(classifier, data).probabilities;
  const auto classes = static_cast<size_t>(classifier.classes());
  return {1 - Evaluate(probabilities, data.labels, classes).confusion.accuracy(),
          ExpectedCalibrationError(MeasureReliability(probabilities, data.labels))};
}

}  // namespace

double Robustness::mean_error() const {
  double sum = 0;
  for (const PerturbationScore& score : scores) sum += score.error;
  return scores.empty() ? 0 : sum / static_cast<double>(scores.size());
}

double Robustness::mean_calibration_error() const {
  double sum = 0;
  for (const PerturbationScore& score : scores) sum += score.calibration_error;
  return scores.empty() ? 0 : sum / static_cast<double>(scores.size());
}

absl::StatusOr<Robustness> EvaluateRobustness(const Classifier& classifier, const DataSet& data,
                                              size_t images) {
  if (!data.labelled()) {
    return absl::FailedPreconditionError(
        fmt::format("{} has no labels to score answers by", data.name));
  }
  images = std::min(images, data.size());
  if (images == 0) return absl::InvalidArgumentError("there are no images to score");

  DataSet shown;
  shown.pixels.assign(data.pixels.begin(),
                      data.pixels.begin() + static_cast<ptrdiff_t>(images * kImagePixels));
  shown.labels.assign(data.labels.begin(), data.labels.begin() + static_cast<ptrdiff_t>(images));
  Robustness result;
  result.images = images;
  const Errors clean = ErrorsOn(classifier, shown);
  result.clean_error = clean.error;
  result.clean_calibration_error = clean.calibration_error;
  for (const Perturbation& perturbation : RobustnessSuite()) {
    auto out = shown.pixels.begin();
    for (size_t i = 0; i < images; ++i) {
      const Image image = Perturbed(perturbation, data.image(i), i);
      out = std::copy(image.begin(), image.end(), out);
    }
    const auto [error, calibration_error] = ErrorsOn(classifier, shown);
    result.scores.push_back({perturbation, error, calibration_error});
  }
  return result;
}

}  // namespace digits
