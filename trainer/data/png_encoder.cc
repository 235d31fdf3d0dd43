#include "trainer/data/png_encoder.h"

#include <fmt/format.h>
#include <png.h>

#include <cassert>
#include <string_view>

#include "absl/cleanup/cleanup.h"

namespace digits {

absl::StatusOr<std::string> EncodePng(PngFormat format, size_t width, size_t height,
                                      std::span<const uint8_t> pixels) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(width);
  png.height = static_cast<png_uint_32>(height);
  png.format = format == PngFormat::kGray ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  assert(pixels.size() == PNG_IMAGE_SIZE(png));
  const absl::Cleanup free = [&png] { png_image_free(&png); };
  std::string bytes(PNG_IMAGE_PNG_SIZE_MAX(png), '\0');
  png_alloc_size_t size = bytes.size();
  if (!png_image_write_to_memory(&png, bytes.data(), &size, /*convert_to_8_bit=*/0, pixels.data(),
                                 /*row_stride=*/0, /*colormap=*/nullptr)) {
    return absl::InternalError(fmt::format("libpng cannot write a PNG of {} by {} pixels: {}",
                                           width, height, std::string_view(png.message)));
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace digits
