// Digits written with a finer or a broader pen.
#ifndef DIGITS_TRAINER_ROBUSTNESS_STROKE_WIDTH_H_
#define DIGITS_TRAINER_ROBUSTNESS_STROKE_WIDTH_H_

#include "server/image/image.h"

namespace digits {

// Morphology on four times as fine a grid, as Morpho-MNIST does it (Castro et al., "Morpho-MNIST:
// Quantitative Assessment and Diagnostics for Representation Learning", 2019, section 3.2): the
// image is enlarged fourfold, each point becomes the least (thinned) or the greatest (thickened)
// of those within `quarters` of it, and 4 x 4 points are averaged to a pixel. So every edge of the
// ink moves by quarters / 4 pixels, in or out. Outside the field is background.
//
// quarters: 0 to 8. With 0 the enlarging, which is bilinear, still blurs a little.
// Integer arithmetic: the same bytes on every machine.
Image Thinned(ImageView image, int quarters);
Image Thickened(ImageView image, int quarters);

}  // namespace digits

#endif  // DIGITS_TRAINER_ROBUSTNESS_STROKE_WIDTH_H_
