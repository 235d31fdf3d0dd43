// Single pictures as people have them: PNG, JPEG and netpbm files, told apart by their content.
#ifndef DIGITS_TRAINER_DATA_PICTURE_H_
#define DIGITS_TRAINER_DATA_PICTURE_H_

#include <cstdint>
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
// png_decoder.h. Larger than 2,048 pixels a side it is divided by a whole number, a JPEG perhaps
// twice, see shrinking_plane.h.
//
// InvalidArgument, with the reason, where it is broken, cut off or too large (CheckPictureSize).
// Throws std::bad_alloc without memory. `name` stands for the file. Takes time linear in the pixels
// and the bytes, and memory for 2,048 x 2,048 pixels, or, where it is interlaced or progressive, of
// up to 8 bytes for each of at most kMaxWholePixels. From any thread, each with its own memory.
absl::StatusOr<Plane> DecodePicture(std::string_view bytes, std::string_view name);

// That a file of so many bytes is neither a picture nor a raw image.
absl::Status NoPictureError(std::string_view name, uintmax_t bytes);

// Makes an image of a picture, or of 784 raw bytes, which are taken as they are. None where the
// picture is blank. Errors as above.
absl::StatusOr<std::optional<Image>> ParsePicture(std::string_view bytes, std::string_view name,
                                                  Normalizing normalizing);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_PICTURE_H_
