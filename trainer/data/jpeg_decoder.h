// JPEG files.
#ifndef DIGITS_TRAINER_DATA_JPEG_DECODER_H_
#define DIGITS_TRAINER_DATA_JPEG_DECODER_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "server/image/plane.h"

namespace digits {

bool IsJpeg(std::string_view bytes);

// As DecodePicture. Grey, YCbCr, RGB, and CMYK and YCCK, whose inks are inverted where Adobe's
// marker is there, as its programs write them. What libjpeg would warn of where pixels are lost is
// an error.
absl::StatusOr<Plane> DecodeJpeg(std::string_view bytes, std::string_view name);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_JPEG_DECODER_H_
