// Digits in another place, at another angle or of another size.
//
// Pixel (x, y) lies at column x and row y, from the upper left; the field's centre is (13.5, 13.5).
// What comes from outside the field is background.
#ifndef DIGITS_TRAINER_ROBUSTNESS_GEOMETRY_H_
#define DIGITS_TRAINER_ROBUSTNESS_GEOMETRY_H_

#include "server/image/image.h"

namespace digits {

// Moved by whole pixels, to the right and down where they are positive.
Image Shifted(ImageView image, int right, int down);

// Turned about the centre, anticlockwise where positive, with bilinear interpolation.
Image Rotated(ImageView image, double degrees);

// Made `factor` times as large about the centre, factor > 0, with bilinear interpolation; where it
// gets smaller, the mean over 4 x 4 points of each pixel, so that thin strokes do not break up.
Image Scaled(ImageView image, double factor);

}  // namespace digits

#endif  // DIGITS_TRAINER_ROBUSTNESS_GEOMETRY_H_
