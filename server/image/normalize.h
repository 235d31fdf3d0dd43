// Anybody's picture of a digit as the 28x28 that networks were trained on.
#ifndef DIGITS_SERVER_IMAGE_NORMALIZE_H_
#define DIGITS_SERVER_IMAGE_NORMALIZE_H_

#include <optional>

#include "server/image/image.h"
#include "server/image/plane.h"

namespace digits {

// picture: grayscale, 0 black to 255 white, of any size, dark on light paper or light on dark.
//
// Tells ink from paper by the border and the histogram, levels shadows, drops the paper's noise and
// specks, brings strokes that are far thinner or thicker than any of MNIST's towards those, and
// fits and places the ink as MNIST's makers did (MnistField). An image of MNIST's comes out as it
// was, but for what a grey level or two of rounding do.
//
// None where nothing is written that stands out: a blank picture is no digit.
//
// Pure, and the same on every machine. Time is linear in the pixels; memory is that of a few copies
// of some hundred pixels squared, whatever the picture's size.
std::optional<Image> Normalize(const PlaneView& picture);

}  // namespace digits

#endif  // DIGITS_SERVER_IMAGE_NORMALIZE_H_
