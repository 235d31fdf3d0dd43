// The perturbations that robustness is measured by: kinds and severities, fixed for good.
//
// Figures of different networks can be compared only while these stay as they are: a change makes
// another suite, and every published table has to be measured anew. Where training distorts images
// in the same way as a kind does (shifts, noise, ...), a table should say so: such a kind then
// tells how well that was learnt, and only the others how far it carries.
#ifndef DIGITS_TRAINER_ROBUSTNESS_SUITE_H_
#define DIGITS_TRAINER_ROBUSTNESS_SUITE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "server/image/image.h"

namespace digits {

enum class PerturbationKind {
  kShift,      // by `severity` pixels, in one of the eight directions of the compass
  kRotation,   // by `severity` degrees, to the left or to the right
  kSmaller,    // made `severity` times as large
  kLarger,     // the same
  kThin,       // every edge of the ink `severity` pixels further in
  kThick,      // every edge of the ink `severity` pixels further out
  kNoise,      // of `severity` grey levels' standard deviation
  kBlur,       // of `severity` passes of a binomial filter
  kContrast,   // grey levels `severity` times as far from their mean
  kInverted,   // dark on light; the severity is 1
  kOcclusion,  // a square of background of `severity` pixels' side, somewhere on the digit
  kLines,      // `severity` straight lines across the digit
};

// In lower case, such as "shift".
std::string_view PerturbationName(PerturbationKind kind);

// What a severity counts, such as "pixels".
std::string_view SeverityUnit(PerturbationKind kind);

struct Perturbation {
  PerturbationKind kind;
  double severity;
};

// All of the suite: the kinds in their order, the severities of each from mild to strong.
std::span<const Perturbation> RobustnessSuite();

// What `perturbation` makes of image `index` of a data set. Directions, places and noise are drawn
// by the perturbation and the index alone: the same bytes in every run and on every machine.
// `perturbation` is one of RobustnessSuite().
Image Perturbed(const Perturbation& perturbation, ImageView image, uint64_t index);

}  // namespace digits

#endif  // DIGITS_TRAINER_ROBUSTNESS_SUITE_H_
