// What is lightest and darkest around each pixel.
#ifndef DIGITS_SERVER_IMAGE_MORPHOLOGY_H_
#define DIGITS_SERVER_IMAGE_MORPHOLOGY_H_

#include "server/image/plane.h"

namespace digits {

// Without what is light and in some direction narrower than 2 * reach + 1 pixels: the greatest of
// the least within squares of that side. reach >= 0; the time does not depend on it.
Plane Opened(const Plane& plane, int reach);

// The ink with `reach` pixels more on each side of a stroke, or less where that is negative: the
// greatest, or least, of what lies within a circle around each pixel. Room for it is made on all
// four sides. ink: 0 is background, 255 is ink.
Plane Thickened(const PlaneView& ink, int reach);

}  // namespace digits

#endif  // DIGITS_SERVER_IMAGE_MORPHOLOGY_H_
