// Single pictures that are 28x28 already.
#ifndef DIGITS_TRAINER_DATA_PICTURE_H_
#define DIGITS_TRAINER_DATA_PICTURE_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "server/image/image.h"

namespace digits {

bool IsPng(std::string_view bytes);

// Reads a PNG of 28 by 28, of any depth and colour type: colours become their luminance, and what
// is transparent becomes black, the background. InvalidArgument, with the reason, where it has
// another size, looked at before anything is decoded, or is broken; `name` stands for the file.
absl::StatusOr<Image> ParsePng(std::string_view bytes, std::string_view name);

// Reads a PNG, or 784 bytes as they are.
absl::StatusOr<Image> ParsePicture(std::string_view bytes, std::string_view name);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_PICTURE_H_
