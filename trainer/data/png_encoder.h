// Pictures as PNG files in memory.
#ifndef DIGITS_TRAINER_DATA_PNG_ENCODER_H_
#define DIGITS_TRAINER_DATA_PNG_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"

namespace digits {

enum class PngFormat { kGray, kRgb };  // 1 and 3 bytes a pixel

// The bytes of a PNG. pixels: height x width x bytes a pixel, row-major. Both sides are 1 to
// 65,535. Internal where libpng fails.
absl::StatusOr<std::string> EncodePng(PngFormat format, size_t width, size_t height,
                                      std::span<const uint8_t> pixels);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_PNG_ENCODER_H_
