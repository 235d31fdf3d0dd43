// MNIST's way of making its 28x28 field from a digit of any size.
#ifndef DIGITS_SERVER_IMAGE_MNIST_FIELD_H_
#define DIGITS_SERVER_IMAGE_MNIST_FIELD_H_

#include "server/image/image.h"
#include "server/image/plane.h"

namespace digits {

// The longer side of the ink in the field. The shorter one keeps the aspect.
inline constexpr int kInkSide = 20;

// Makes of the ink what the makers of MNIST made of theirs (LeCun et al., "Gradient-Based Learning
// Applied to Document Recognition", 1998, section III.A): crops to the ink, which is every pixel
// above 0, fits it into 20x20 keeping its aspect, and moves it by whole pixels so that its centre
// of mass comes to lie within half a pixel of pixel (14, 14), counted from 0, on each axis. That
// pixel and that rounding are MNIST's: the centres of mass of its digits spread evenly over 13.5
// to 14.5.
//
// Shrinking averages areas exactly; enlarging interpolates linearly. The shorter side is at least
// one pixel, so a hairline stays visible. Ink that the centre of mass would push over the border
// stops at the border: none is ever cut off. A blank or empty picture gives a blank image.
//
// Integer arithmetic alone: the same bytes on every machine. Pure; time is linear in the pixels.
//
// ink: light on dark; 0 is background, 255 is ink.
Image MnistField(const PlaneView& ink);

}  // namespace digits

#endif  // DIGITS_SERVER_IMAGE_MNIST_FIELD_H_
