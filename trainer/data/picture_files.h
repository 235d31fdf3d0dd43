// Many picture files, read at once.
#ifndef DIGITS_TRAINER_DATA_PICTURE_FILES_H_
#define DIGITS_TRAINER_DATA_PICTURE_FILES_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/image/image.h"
#include "trainer/data/picture.h"

namespace digits {

// Whether a file's name ends as a picture's does: .png, .jpg, .jpeg, .pbm, .pgm, .ppm, .pnm, .raw;
// or as those do that are not read, so that they are told as errors and do not vanish: .heic,
// .heif, .webp, .avif, .gif, .bmp, .tif, .tiff.
bool IsNamedAsPicture(const std::string& path);

// Whether a file is named as a picture, whatever it is, or is a regular one that begins as a
// picture does or cannot be opened: reading it will say why.
bool IsPictureFile(const std::string& path);

// An image, or none where the picture is blank, or what is wrong with the file.
using PictureOutcome = absl::StatusOr<std::optional<Image>>;

// Reads files as ParsePicture takes them, on all processors, and keeps nothing of them but the
// outcomes, in the order of the paths. Whole is read only what is a picture by its first bytes or
// has 784; memory is needed for a file and its picture on each processor, and where there is none,
// that is the file's error. `progress`, if there is one, is told from the calling thread
// how many files are done, now and then.
std::vector<PictureOutcome> ReadPictureFiles(std::span<const std::string> paths,
                                             Normalizing normalizing,
                                             const std::function<void(size_t done)>& progress);

// That a picture is blank, as an error for those who need an image of it.
absl::Status BlankPictureError(std::string_view name);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_PICTURE_FILES_H_
