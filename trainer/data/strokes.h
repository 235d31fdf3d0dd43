// The built-in digits: a data set that needs no download.
#ifndef DIGITS_TRAINER_DATA_STROKES_H_
#define DIGITS_TRAINER_DATA_STROKES_H_

#include <cstddef>
#include <cstdint>

#include "trainer/data/data_set.h"

namespace digits {

// Draws `count` digits, the classes in equal shares and shuffled, as a pen would write them: in
// several styles of each, with random slant, width, wobble and speed. A digit depends on the seed
// and on its index alone, and is the same on every machine.
DataSet DrawStrokes(size_t count, uint64_t seed);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_STROKES_H_
