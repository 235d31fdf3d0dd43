// Single pictures as people have them: PNG, JPEG and netpbm files, told apart by their content.
#ifndef DIGITS_TRAINER_DATA_PICTURE_H_
#define DIGITS_TRAINER_DATA_PICTURE_H_

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/image/image.h"
#include "server/image/plane.h"

namespace digits {

// Which pictures become images by Normalize (server/image/normalize.h). Those that do not are 28
// by 28 and taken as they are: light ink on dark.
enum class Normalizing {
  kAll,         // as people's own pictures need it
  kOtherSizes,  // all but those of 28 by 28, which are a data set's
  kNone,        // other sizes are errors
};

// Whether bytes begin as PNG, JPEG or netpbm (PBM, PGM, PPM) do.
bool IsPicture(std::string_view bytes);

// Decodes a picture of any size, depth and colour type into grey levels, 0 black to 255 white, the
// way up that its Exif data say. What is transparent is seen on white or on black, see
// png_decoder.h. Larger than 2,048 pixels a side it is divided by a whole number, see
// shrinking_plane.h.
//
// InvalidArgument, with the reason, where it is broken, cut off or too large (CheckPictureSize);
// ResourceExhausted without memory. `name` stands for the file. Takes time linear in the pixels and
// the bytes, and memory for 2,048 x 2,048 pixels, or kMaxWholePixels. From any thread.
absl::StatusOr<Plane> DecodePicture(std::string_view bytes, std::string_view name);

// Makes an image of a picture, or of 784 raw bytes, which are taken as they are. None where the
// picture is blank. Errors as above.
absl::StatusOr<std::optional<Image>> ParsePicture(std::string_view bytes, std::string_view name,
                                                  Normalizing normalizing);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_PICTURE_H_
