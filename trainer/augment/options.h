// How far images are distorted.
#ifndef DIGITS_TRAINER_AUGMENT_OPTIONS_H_
#define DIGITS_TRAINER_AUGMENT_OPTIONS_H_

#include "absl/status/status.h"

namespace digits {

// Ranges that the distortion of each image is drawn from, evenly. The defaults are none.
struct AugmentOptions {
  double rotation = 0;  // up to so many degrees, either way; 0 to 180
  double scale = 0;     // 1 - scale to 1 + scale times as large, each axis by itself; 0 to below 1
  double shear = 0;     // up to so many pixels sideways for each one of height, either way; 0 to 1
  double shift = 0;     // up to so many pixels along each axis, either way; 0 to 28

  // Elastic distortion (Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural
  // Networks Applied to Visual Document Analysis", 2003, section 2): each pixel is displaced by
  // alpha times noise that is even between -1 and 1 and smoothed with a Gaussian of sigma pixels,
  // for each axis by itself. A displacement has mean 0 and standard deviation
  // alpha / (sigma sqrt(12 pi)) pixels. Sigma is one of eight, evenly spaced from the least to the
  // greatest.
  double elastic_alpha = 0;          // pixels, 0 to 1000
  double elastic_sigma_least = 4.5;  // pixels, 1 to 28
  double elastic_sigma_greatest = 6;

  double thickness = 0;  // every edge of the ink moves up to so many pixels, in or out; 0 to 1
  double soiled = 1;     // the share of the images that contrast and noise are for; 0 to 1
  double contrast = 0;   // pixels differ from their mean by 1 - contrast to 1 times as much; 0 to 1
  double noise = 0;      // grey levels of standard deviation, 0 to so many for an image; 0 to 255

  // Whether any image is made pale or noisy.
  bool soils() const { return contrast != 0 || noise != 0; }
};

// InvalidArgument, in words for whoever wrote the options, where one is out of its range.
absl::Status CheckAugmentOptions(const AugmentOptions& options);

}  // namespace digits

#endif  // DIGITS_TRAINER_AUGMENT_OPTIONS_H_
