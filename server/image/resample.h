// Pictures made smaller and larger.
#ifndef DIGITS_SERVER_IMAGE_RESAMPLE_H_
#define DIGITS_SERVER_IMAGE_RESAMPLE_H_

#include "server/image/plane.h"

namespace digits {

// `source` in width x height pixels; all four sides are at least 1. Shrinking averages areas
// exactly; enlarging interpolates linearly, towards 0 beyond the border.
//
// Integer arithmetic alone: the same bytes on every machine. Time is linear in the source's pixels
// and in the result's, memory in the result's alone.
Plane Resample(const PlaneView& source, int width, int height);

}  // namespace digits

#endif  // DIGITS_SERVER_IMAGE_RESAMPLE_H_
