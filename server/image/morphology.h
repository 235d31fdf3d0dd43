// Grey-scale morphology: what is least and greatest around each pixel.
#ifndef DIGITS_SERVER_IMAGE_MORPHOLOGY_H_
#define DIGITS_SERVER_IMAGE_MORPHOLOGY_H_

#include "server/image/plane.h"

namespace digits {

// The opening by a square: of each pixel, the greatest of the least within squares of 2 * reach + 1
// pixels around it, of which those beyond the border do not count. What is light stays where such a
// square fits into it. reach >= 0; the time does not depend on it.
Plane Opened(const Plane& plane, int reach);

// The ink with `reach` pixels more on each side of a stroke, or less where that is negative: the
// dilation or erosion by a disc of that radius. The result is 2 * reach pixels wider and higher, or
// as large where there is less ink. ink: 0 is background, as all beyond it is, and 255 is ink.
Plane Thickened(const PlaneView& ink, int reach);

}  // namespace digits

#endif  // DIGITS_SERVER_IMAGE_MORPHOLOGY_H_
