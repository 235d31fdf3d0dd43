// PNG files.
#ifndef DIGITS_TRAINER_DATA_PNG_DECODER_H_
#define DIGITS_TRAINER_DATA_PNG_DECODER_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "server/image/plane.h"

namespace digits {

bool IsPng(std::string_view bytes);

// As DecodePicture. Deeper samples are rounded to 8 bits.
//
// What is transparent is white or black, the one that shows what is not. Opaque pixels, counted by
// their opacity, that are half the picture at least and not of one grey (standard deviation 16 at
// least) are paper with ink on it: then the background is as the most of it is. Otherwise they are
// ink: then it is the opposite. Where all is transparent it is black.
absl::StatusOr<Plane> DecodePng(std::string_view bytes, std::string_view name);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_PNG_DECODER_H_
