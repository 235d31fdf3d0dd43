// Images that are no digits: what a digit score is calibrated and scored on.
#ifndef DIGITS_TRAINER_DATA_NON_DIGITS_H_
#define DIGITS_TRAINER_DATA_NON_DIGITS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "server/image/image.h"
#include "trainer/data/data_set.h"

namespace digits {

class StrokeRandom;

// One kind of them, such as stripes.
struct NonDigitFamily {
  std::string_view name;
  // Kept for the score: no network is ever trained on the family, and nothing chosen by it. Of each
  // sort (noise, textures, shapes, letters, digits spoilt) one is, so that the score shows what a
  // network makes of images that it knows nothing about.
  bool held_out;
  Image (*draw)(StrokeRandom& random);
};

// Which they are, and which are held out, is fixed; new ones go to the end.
std::span<const NonDigitFamily> NonDigitFamilies();

// Image `index` of a family, given by its place in NonDigitFamilies(). Where there is ink on paper
// it is brought into the field as MNIST's digits were. The same on every machine, and dependent on
// nothing but the three numbers.
Image DrawNonDigit(size_t family, uint64_t seed, uint64_t index);

// `count` images of all families in turn; image i is number i / families of its family. The labels
// are places in NonDigitFamilies(), the sources say "stripes 12".
DataSet DrawNonDigits(size_t count, uint64_t seed);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_NON_DIGITS_H_
