// Distorts images, each time anew, for a network to learn from.
#ifndef DIGITS_TRAINER_AUGMENT_AUGMENTER_H_
#define DIGITS_TRAINER_AUGMENT_AUGMENTER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "server/image/image.h"
#include "trainer/augment/kernels.h"
#include "trainer/augment/options.h"
#include "trainer/augment/smoothing.h"

namespace digits {

// What a distortion is drawn by, and by nothing else: so any number of threads in any order make
// the same images, and a fit that is resumed goes on with those it would have had.
struct AugmentKey {
  uint64_t seed = 1;
  uint64_t epoch = 0;
  uint64_t index = 0;  // of the image in its data set
};

// What is done to one image: its strokes get thicker, then it is scaled, sheared, turned, shifted
// and bent at once, by one bilinear interpolation, then it pales, then there is noise. The default
// does nothing.
struct Distortion {
  double rotation = 0;                   // degrees anticlockwise about the field's centre
  double scale_x = 1;                    // times as wide; above 0
  double scale_y = 1;                    // times as high; above 0
  double shear = 0;                      // pixels to the right for each pixel upwards
  double shift_x = 0;                    // pixels to the right
  double shift_y = 0;                    // pixels down
  double thickness = 0;                  // pixels that each edge of the ink moves outwards, -1 to 1
  double contrast = 1;                   // times as much difference of each pixel from their mean
  double noise = 0;                      // grey levels of standard deviation
  const Smoothing* smoothing = nullptr;  // of the elastic displacements; null: there are none
  double elastic_alpha = 0;              // pixels
  uint64_t elastic_seed = 0;
  uint64_t noise_seed = 0;
};

// Immutable: all methods are const, may be called from any number of threads at once, allocate
// nothing, and give the same bytes on every x86-64 processor. What comes from outside the field is
// background. `out` may be `in`.
class Augmenter {
 public:
  // The options are such that CheckAugmentOptions() accepts them. `kernels` are for tests.
  explicit Augmenter(const AugmentOptions& options,
                     const AugmentKernels& kernels = KernelsOfThisProcessor().back());

  // The image as `key` distorts it.
  void Augment(const AugmentKey& key, ImageView in, std::span<uint8_t, kImagePixels> out) const {
    Distort(Draw(key), in, out);
  }

  // What `key` stands for. Refers to this Augmenter. Every part has a random number of its own,
  // whether it is asked for or not: to ask for one more leaves the others as they are.
  Distortion Draw(const AugmentKey& key) const;

  void Distort(const Distortion& distortion, ImageView in,
               std::span<uint8_t, kImagePixels> out) const {
    Deform(distortion, in, out);
    Soil(distortion, out, out);
  }

  // Its two parts: contrast and noise are Soil()'s, all the rest is Deform()'s.
  void Deform(const Distortion& distortion, ImageView in,
              std::span<uint8_t, kImagePixels> out) const;
  void Soil(const Distortion& distortion, ImageView in, std::span<uint8_t, kImagePixels> out) const;

 private:
  AugmentOptions options_;
  AugmentKernels kernels_;
  std::vector<Smoothing> smoothings_;  // of every sigma; none without elastic distortion
};

}  // namespace digits

#endif  // DIGITS_TRAINER_AUGMENT_AUGMENTER_H_
