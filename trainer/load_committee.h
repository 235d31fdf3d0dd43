// Weights files that answer together.
#ifndef DIGITS_TRAINER_LOAD_COMMITTEE_H_
#define DIGITS_TRAINER_LOAD_COMMITTEE_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/classifier.h"
#include "server/engine/onednn_classifier.h"

namespace digits {

struct LoadedCommittee {
  std::vector<std::string> sha256;  // of each file
  std::vector<std::string> class_names;
  std::unique_ptr<Classifier> classifier;  // of that precision
  std::optional<float> digit_threshold;    // of one file alone
};

// At least one file. The logits are divided by `temperature`, if given, instead of by what the
// files say. Errors name the file; InvalidArgument where two have other class names. In int8 those
// of MakeOnednnClassifier(), too.
absl::StatusOr<LoadedCommittee> LoadCommittee(std::span<const std::string> files,
                                              Precision precision,
                                              std::optional<float> temperature = std::nullopt);

}  // namespace digits

#endif  // DIGITS_TRAINER_LOAD_COMMITTEE_H_
