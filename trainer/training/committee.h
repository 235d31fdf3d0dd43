// Several classifiers as one.
#ifndef DIGITS_TRAINER_TRAINING_COMMITTEE_H_
#define DIGITS_TRAINER_TRAINING_COMMITTEE_H_

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "server/engine/classifier.h"

namespace digits {

// Answers with the mean of its members' probabilities. Its digit score is the mean of theirs.
class Committee : public Classifier {
 public:
  // At least one member, all of as many classes.
  explicit Committee(std::vector<std::unique_ptr<Classifier>> members);

  int classes() const override { return members_.front()->classes(); }
  std::string_view precision() const override { return members_.front()->precision(); }
  void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                std::span<float> digit_scores) const override;

 private:
  const std::vector<std::unique_ptr<Classifier>> members_;
};

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_COMMITTEE_H_
