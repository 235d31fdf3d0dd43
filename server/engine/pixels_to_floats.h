// Bytes as arithmetic in float32 takes them.
#ifndef DIGITS_SERVER_ENGINE_PIXELS_TO_FLOATS_H_
#define DIGITS_SERVER_ENGINE_PIXELS_TO_FLOATS_H_

#include <cstddef>
#include <cstdint>

namespace digits {

// values = pixels x scale, `size` of both, which do not overlap
void PixelsToFloats(const uint8_t* pixels, size_t size, float scale, float* values);

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_PIXELS_TO_FLOATS_H_
