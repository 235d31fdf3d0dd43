// Ink and paper told apart.
#ifndef DIGITS_SERVER_IMAGE_INK_H_
#define DIGITS_SERVER_IMAGE_INK_H_

#include <optional>

#include "server/image/plane.h"

namespace digits {

enum class Paper { kDark, kLight };

// Whether ink is darker than the paper or lighter: what the first steep edge is that one comes upon
// from a border of the picture, by the most of the lines across it. Strokes touch the border, if at
// all, in few places, and a shadow's edge is darker from one side and lighter from the other one.
Paper FindPaper(const PlaneView& picture);

// What is written on the paper, from 0 (paper) to 255 (ink), as large as the picture. Shadows and
// light that change slowly are levelled, and what is no darker or lighter than the paper's own
// noise becomes 0. None where nothing is written that stands out.
//
// A picture without noise, on even paper, whose ink reaches from one end of the scale to the other,
// is its own ink.
std::optional<Plane> SeparateInk(const PlaneView& picture, Paper paper);

}  // namespace digits

#endif  // DIGITS_SERVER_IMAGE_INK_H_
