// Pictures of digits as people make them: with any pen, on any paper, anywhere on it.
#ifndef DIGITS_TESTS_PICTURES_PICTURE_MAKER_H_
#define DIGITS_TESTS_PICTURES_PICTURE_MAKER_H_

#include <cstddef>
#include <cstdint>

#include "server/image/image.h"
#include "server/image/plane.h"

namespace digits {

struct LabelledPicture {
  Plane picture;  // 0 black to 255 white
  int label = 0;
};

// A digit that a pen writes at the picture's own resolution: `pen` times as thick as usual, 0.3 to
// 2.2. Everything else is as in PhotographDigit.
LabelledPicture PhotographStrokes(uint64_t seed, size_t index);

// `digit`, light on dark as MNIST's are, enlarged or shrunk, turned by at most 12 degrees, written
// anywhere on a sheet of 20 to 2,000 pixels a side, dark on light or light on dark, in two colours
// whose grey levels differ by 70 at least, under a shadow or none, with noise and specks. The same
// for a seed and an index on every machine, but for what its mathematics library rounds.
LabelledPicture PhotographDigit(ImageView digit, int label, uint64_t seed, size_t index);

// `digit` untouched but for its size, 20 to 400 pixels a side, on noisy paper that is larger by a
// random margin, of any two grey levels that differ by 80 at least.
LabelledPicture PasteDigit(ImageView digit, int label, uint64_t seed, size_t index);

}  // namespace digits

#endif  // DIGITS_TESTS_PICTURES_PICTURE_MAKER_H_
