// Shapes, filled and outlined, but for those that a digit might be: no ring, no upright bar.
#ifndef DIGITS_TRAINER_DATA_NON_DIGITS_SHAPES_H_
#define DIGITS_TRAINER_DATA_NON_DIGITS_SHAPES_H_

#include "server/image/image.h"
#include "trainer/data/strokes/random.h"

namespace digits {

// Discs, rectangles, triangles, crosses, stars, arrows; a little turned.
Image DrawFilledShape(StrokeRandom& random);

// Rectangles, triangles, crosses, stars, arrows, zigzags, houses, drawn by a hand.
Image DrawOutlinedShape(StrokeRandom& random);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_NON_DIGITS_SHAPES_H_
