// Colours as grey levels.
#ifndef DIGITS_TRAINER_DATA_LUMA_H_
#define DIGITS_TRAINER_DATA_LUMA_H_

#include <cstdint>

namespace digits {

// The luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, from sRGB values as they are: what JPEG's
// Y is. A grey stays what it is.
inline uint8_t Luma(uint8_t red, uint8_t green, uint8_t blue) {
  return static_cast<uint8_t>((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16);
}

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_LUMA_H_
