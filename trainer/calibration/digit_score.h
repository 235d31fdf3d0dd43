// How well the digit score tells digits from what is none.
#ifndef DIGITS_TRAINER_CALIBRATION_DIGIT_SCORE_H_
#define DIGITS_TRAINER_CALIBRATION_DIGIT_SCORE_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/engine/classifier.h"

namespace digits {

// The area under the ROC curve of telling `positives` from `negatives` by a score: the share of
// pairs in which the positive one has the higher score, ties counted half. 1 is perfect, 0.5 a
// guess. At least one of each; none is NaN.
double AreaUnderRoc(std::span<const float> positives, std::span<const float> negatives);

// The highest threshold that at least `share` of the scores reach; 0 < share <= 1. At least one
// score; none is NaN.
float ThresholdKeeping(double share, std::span<const float> scores);

// Digits against one family of NonDigitFamilies().
struct FamilyScore {
  std::string_view family;
  bool held_out = false;
  double area = 0;  // under the ROC curve
  // The share of the family that is taken for digits: whose score reaches the threshold.
  std::optional<double> accepted;
};

// Of each family: those of a seed that nothing is trained or calibrated with.
inline constexpr size_t kScoredNonDigits = 1000;

// digit_scores: the classifier's for images of digits, at least one.
std::vector<FamilyScore> ScoreFamilies(const Classifier& classifier,
                                       std::span<const float> digit_scores,
                                       std::optional<float> threshold);

// For people, ending in a line break: a line a family, and the means over all of them, over those
// held out and over the others.
std::string FamilyTable(std::span<const FamilyScore> scores);

// [{"family": "blanks", "held_out": false, "auc": 0.99, "accepted": 0.01}, ...]
std::string FamilyJson(std::span<const FamilyScore> scores);

}  // namespace digits

#endif  // DIGITS_TRAINER_CALIBRATION_DIGIT_SCORE_H_
