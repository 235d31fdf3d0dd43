// The hand and its pen: from a style's strokes to the ink's outline.
#ifndef DIGITS_TRAINER_DATA_STROKES_PEN_H_
#define DIGITS_TRAINER_DATA_STROKES_PEN_H_

#include <vector>

#include "trainer/data/strokes/random.h"
#include "trainer/data/strokes/styles.h"

namespace digits {

// The round nib at one moment, in the units of the styles: a digit is about 1 high.
struct Nib {
  double x = 0;
  double y = 0;
  double radius = 0;
};

// Where the nib went in one stroke, in small steps; never empty.
using Trace = std::vector<Nib>;

// Writes the strokes once, as somebody might: with a slant, a width, a wobble and a speed that are
// drawn from `random`.
std::vector<Trace> Write(const Style& style, StrokeRandom& random);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_STROKES_PEN_H_
