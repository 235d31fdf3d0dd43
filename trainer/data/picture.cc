#include "trainer/data/picture.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>

#include "absl/cleanup/cleanup.h"

namespace digits {

bool IsPng(std::string_view bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n"); }

absl::StatusOr<Image> ParsePng(std::string_view bytes, std::string_view name) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  const absl::Cleanup free = [&png] { png_image_free(&png); };
  const auto broken = [&] {
    return absl::InvalidArgumentError(
        fmt::format("{}: is a broken PNG: {}", name, std::string_view(png.message)));
  };

  if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size())) return broken();
  if (png.width != kImageSide || png.height != kImageSide) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: is a PNG of {} by {} pixels (width by height), where only 28 by 28 are read", name,
        png.width, png.height));
  }
  png.format = PNG_FORMAT_GRAY;
  png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // else 16 bits count as linear light, 8 bits as sRGB
  const png_color black = {};
  Image image = {};
  if (!png_image_finish_read(&png, &black, image.data(), kImageSide, nullptr)) return broken();
  return image;
}

absl::StatusOr<Image> ParsePicture(std::string_view bytes, std::string_view name) {
  if (IsPng(bytes)) return ParsePng(bytes, name);
  if (bytes.size() != kImagePixels) {
    return absl::InvalidArgumentError(
        fmt::format("{}: is no picture: it is not a PNG, and a raw image has 784 bytes, not {}",
                    name, bytes.size()));
  }
  Image image;
  std::copy(bytes.begin(), bytes.end(), image.begin());
  return image;
}

}  // namespace digits
