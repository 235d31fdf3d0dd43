// Letters that nobody takes for a digit, written with the pen of the built-in digits. Not among
// them: O D Q C J l I Z z S G B b q g y Y and what is like them.
#ifndef DIGITS_TRAINER_DATA_NON_DIGITS_LETTERS_H_
#define DIGITS_TRAINER_DATA_NON_DIGITS_LETTERS_H_

#include "server/image/image.h"
#include "trainer/data/strokes/random.h"

namespace digits {

// A E F H K M N R W X.
Image DrawCapital(StrokeRandom& random);

// P T U V, small h k m, Greek and Cyrillic ones: none that DrawCapital() writes.
Image DrawOtherLetter(StrokeRandom& random);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_NON_DIGITS_LETTERS_H_
