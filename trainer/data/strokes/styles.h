// How people write each digit: the strokes, before any hand makes them its own.
#ifndef DIGITS_TRAINER_DATA_STROKES_STYLES_H_
#define DIGITS_TRAINER_DATA_STROKES_STYLES_H_

#include <span>
#include <vector>

#include "trainer/data/strokes/random.h"

namespace digits {

// A place that the pen passes through. y grows downwards; a digit is about 1 high and begins at
// (0, 0).
struct Knot {
  double x = 0;
  double y = 0;
  bool corner = false;  // the pen turns sharply here, rather than in a curve
};

constexpr bool kCorner = true;

// What the pen writes without being lifted: a smooth curve through two knots or more.
using Stroke = std::vector<Knot>;

struct Style {
  double share;  // how common it is, beside the digit's other styles
  std::vector<Stroke> strokes;
};

// The styles of a digit, 0 to 9.
std::span<const Style> StylesOf(int digit);

// One of the styles, of which there is at least one, as often as its share says.
const Style& PickStyle(std::span<const Style> styles, StrokeRandom& random);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_STROKES_STYLES_H_
