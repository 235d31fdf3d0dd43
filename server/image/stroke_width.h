// How thick a pen was.
#ifndef DIGITS_SERVER_IMAGE_STROKE_WIDTH_H_
#define DIGITS_SERVER_IMAGE_STROKE_WIDTH_H_

#include "server/image/plane.h"

namespace digits {

// The mean width of the strokes, in pixels: twice the ink's area by the length of its outline; 0
// where there is no ink. ink: 0 is background, 255 is ink.
double StrokeWidth(const PlaneView& ink);

}  // namespace digits

#endif  // DIGITS_SERVER_IMAGE_STROKE_WIDTH_H_
