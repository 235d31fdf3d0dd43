#include "trainer/load_committee.h"

#include <utility>

#include "server/model/errors.h"
#include "server/model/weights_file.h"
#include "trainer/training/committee.h"

namespace digits {

absl::StatusOr<LoadedCommittee> LoadCommittee(std::span<const std::string> files,
                                              Precision precision,
                                              std::optional<float> temperature) {
  LoadedCommittee committee;
  std::vector<std::unique_ptr<Classifier>> members;
  for (const std::string& file : files) {
    absl::StatusOr<Weights> weights = ReadWeights(file);
    if (!weights.ok()) return weights.status();
    if (members.empty()) committee.class_names = weights->network.class_names;
    if (weights->network.class_names != committee.class_names) {
      return Invalid("{} has other class names than {}: they cannot answer together", file,
                     files.front());
    }
    if (temperature) weights->network.temperature = *temperature;
    absl::StatusOr<std::unique_ptr<Classifier>> classifier =
        MakeOnednnClassifier(weights->network, precision);
    if (!classifier.ok()) return Annotate(classifier.status(), file);
    if (files.size() == 1) committee.digit_threshold = weights->network.digit_threshold;
    committee.sha256.push_back(std::move(weights->sha256));
    members.push_back(*std::move(classifier));
  }
  if (members.size() == 1) {
    committee.classifier = std::move(members.front());
  } else {
    committee.classifier = std::make_unique<Committee>(std::move(members));
  }
  return committee;
}

}  // namespace digits
