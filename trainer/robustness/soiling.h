// What paper, scanners and other people do to a digit.
#ifndef DIGITS_TRAINER_ROBUSTNESS_SOILING_H_
#define DIGITS_TRAINER_ROBUSTNESS_SOILING_H_

#include "server/image/image.h"
#include "trainer/data/splitmix.h"

namespace digits {

// Bell-shaped noise of mean 0 and this standard deviation in grey levels, on each pixel by itself;
// rounded, and cut off at 0 and 255.
Image WithNoise(ImageView image, double deviation, SplitMix& random);

// So many times the mean of neighbours with weights 1, 2, 1 along each axis, rounded once at the
// end: a binomial filter, which is close to a Gaussian of a standard deviation of
// sqrt(passes / 2) pixels. passes: 0 to 5. Outside the field is background.
Image Blurred(ImageView image, int passes);

// All grey levels `factor` times as far from their mean, factor 0 to 1: the contrast of Hendrycks
// and Dietterich ("Benchmarking Neural Network Robustness to Common Corruptions and Perturbations",
// 2019), who scale about the mean of the image too. The background gets lighter, the ink darker.
Image WithContrast(ImageView image, double factor);

// 255 - x: dark ink on light paper.
Image Inverted(ImageView image);

// A square of background, `side` pixels wide and high, whose upper left corner is at (x, y); what
// of it lies outside the field is cut off.
Image Occluded(ImageView image, int side, int x, int y);

// A straight line of full ink, one pixel wide, with anti-aliased edges, that crosses the whole
// field through the point (x, y) along the direction (dx, dy), not both 0.
Image WithLine(ImageView image, double x, double y, double dx, double dy);

}  // namespace digits

#endif  // DIGITS_TRAINER_ROBUSTNESS_SOILING_H_
