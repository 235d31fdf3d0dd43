// What a pen leaves that is no digit, or no longer one.
#ifndef DIGITS_TRAINER_DATA_NON_DIGITS_SPOILT_DIGITS_H_
#define DIGITS_TRAINER_DATA_NON_DIGITS_SPOILT_DIGITS_H_

#include "server/image/image.h"
#include "trainer/data/strokes/random.h"

namespace digits {

// A long tangled stroke.
Image DrawScribble(StrokeRandom& random);

// Two different digits, neither a 1, one over the other but not in the same place.
Image DrawOverlaidDigits(StrokeRandom& random);

// Two digits side by side, as where a number was not taken apart.
Image DrawDigitPair(StrokeRandom& random);

// The half of a digit, of those that are then no other digit: the top of 0, 4 or 5, the bottom of
// 0 or 2.
Image DrawHalfDigit(StrokeRandom& random);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_NON_DIGITS_SPOILT_DIGITS_H_
