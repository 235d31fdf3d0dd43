// Fields without a figure: blank ones, noise and textures.
#ifndef DIGITS_TRAINER_DATA_NON_DIGITS_FIELDS_H_
#define DIGITS_TRAINER_DATA_NON_DIGITS_FIELDS_H_

#include "server/image/image.h"
#include "trainer/data/strokes/random.h"

namespace digits {

// Of one grey, or with a few specks, a faint grain or a faint slope.
Image DrawBlank(StrokeRandom& random);

// These fill the field, or the 20x20 that a digit's ink would.

// Each pixel of any grey between two levels.
Image DrawUniformNoise(StrokeRandom& random);
// Single pixels of one level on black.
Image DrawSaltNoise(StrokeRandom& random);
// Clouds: noise blurred, then stretched to all greys.
Image DrawBlurredNoise(StrokeRandom& random);
// Parallel, in any direction, at least two of them.
Image DrawStripes(StrokeRandom& random);
// A chequerboard, dots or a lattice.
Image DrawChecks(StrokeRandom& random);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_NON_DIGITS_FIELDS_H_
