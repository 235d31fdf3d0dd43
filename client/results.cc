#include "client/results.h"

namespace digits {

std::optional<ConfusionMatrix> Confusion(const Results& results) {
  ConfusionMatrix confusion(results.class_names.size());
  for (size_t i = 0; i < results.size(); ++i) {
    const std::optional<size_t>& truth = results.examples.truth[i];
    if (truth) confusion.Add(*truth, results.answers.labels[i]);
  }
  if (confusion.total() == 0) return std::nullopt;
  return confusion;
}

}  // namespace digits
