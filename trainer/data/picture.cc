#include "trainer/data/picture.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/image/normalize.h"
#include "trainer/data/jpeg_decoder.h"
#include "trainer/data/netpbm_decoder.h"
#include "trainer/data/png_decoder.h"

namespace digits {

bool IsPicture(std::string_view bytes) { return IsPng(bytes) || IsJpeg(bytes) || IsNetpbm(bytes); }

absl::StatusOr<Plane> DecodePicture(std::string_view bytes, std::string_view name) {
  if (IsPng(bytes)) return DecodePng(bytes, name);
  if (IsJpeg(bytes)) return DecodeJpeg(bytes, name);
  if (IsNetpbm(bytes)) return DecodeNetpbm(bytes, name);
  return NoPictureError(name, bytes.size());
}

absl::Status NoPictureError(std::string_view name, uintmax_t bytes) {
  if (bytes == 0) return absl::InvalidArgumentError(fmt::format("{}: is empty", name));
  return absl::InvalidArgumentError(
      fmt::format("{}: is no picture: it is neither PNG nor JPEG nor PBM, PGM or PPM, and a raw "
                  "image has 784 bytes, not {}",
                  name, bytes));
}

absl::StatusOr<std::optional<Image>> ParsePicture(std::string_view bytes, std::string_view name,
                                                  Normalizing normalizing) {
  Image image;
  if (!IsPicture(bytes) && bytes.size() == kImagePixels) {
    std::ranges::copy(bytes, image.begin());
    return image;
  }
  const absl::StatusOr<Plane> picture = DecodePicture(bytes, name);
  if (!picture.ok()) return picture.status();
  const bool has_images_size = picture->width == kImageSide && picture->height == kImageSide;
  if (normalizing == Normalizing::kNone && !has_images_size) {
    return absl::InvalidArgumentError(
        fmt::format("{}: has not 28 by 28 pixels, as a picture has that is taken as it is", name));
  }
  if (normalizing == Normalizing::kAll || !has_images_size) return Normalize(picture->View());
  std::ranges::copy(picture->pixels, image.begin());
  return image;
}

}  // namespace digits
