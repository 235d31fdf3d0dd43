#include "trainer/robustness/robustness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "trainer/training/evaluation.h"

namespace digits {
namespace {

double ErrorOn(const Classifier& classifier, const DataSet& data) {
  return 1 - Evaluate(classifier, data).confusion.accuracy();
}

}  // namespace

double Robustness::mean_error() const {
  double sum = 0;
  for (const PerturbationScore& score : scores) sum += score.error;
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
  result.clean_error = ErrorOn(classifier, shown);
  for (const Perturbation& perturbation : RobustnessSuite()) {
    auto out = shown.pixels.begin();
    for (size_t i = 0; i < images; ++i) {
      const Image image = Perturbed(perturbation, data.image(i), i);
      out = std::copy(image.begin(), image.end(), out);
    }
    result.scores.push_back({perturbation, ErrorOn(classifier, shown)});
  }
  return result;
}

}  // namespace digits
