#include "trainer/data/sheet.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/cleanup/cleanup.h"

namespace digits {
namespace {

constexpr size_t kScale = 2;
constexpr size_t kCell = kScale * kImageSide;

// Grayscale, row-major.
struct Picture {
  size_t width;
  size_t height;
  std::vector<uint8_t> pixels;
};

void Draw(ImageView image, size_t row, size_t column, Picture& picture) {
  for (size_t y = 0; y < kCell; ++y) {
    for (size_t x = 0; x < kCell; ++x) {
      picture.pixels[(row * kCell + y) * picture.width + column * kCell + x] =
          image[y / kScale * kImageSide + x / kScale];
    }
  }
}

absl::StatusOr<std::string> EncodePng(const Picture& picture) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(picture.width);
  png.height = static_cast<png_uint_32>(picture.height);
  png.format = PNG_FORMAT_GRAY;
  const absl::Cleanup free = [&png] { png_image_free(&png); };
  std::string bytes(PNG_IMAGE_PNG_SIZE_MAX(png), '\0');
  png_alloc_size_t size = bytes.size();
  if (!png_image_write_to_memory(&png, bytes.data(), &size, /*convert_to_8_bit=*/0,
                                 picture.pixels.data(), /*row_stride=*/0, /*colormap=*/nullptr)) {
    return absl::InternalError(fmt::format("libpng cannot write a PNG of {} by {} pixels: {}",
                                           picture.width, picture.height,
                                           std::string_view(png.message)));
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

absl::StatusOr<std::string> SheetPng(const DataSet& data, int rows, int columns) {
  if (std::min(rows, columns) < 1 || std::max(rows, columns) > kMaxSheetImages) {
    return absl::InvalidArgumentError(
        fmt::format("a sheet has 1 to {} rows and as many columns, not {} by {}", kMaxSheetImages,
                    rows, columns));
  }
  const auto row_count = static_cast<size_t>(rows);
  const auto column_count = static_cast<size_t>(columns);
  Picture picture = {column_count * kCell, row_count * kCell, {}};
  picture.pixels.resize(picture.width * picture.height);
  std::vector<size_t> filled(row_count);  // how many images each row holds
  for (size_t i = 0; i < data.size(); ++i) {
    const size_t row = data.labelled() ? data.labels[i] : i / column_count;
    if (row >= row_count || filled[row] == column_count) continue;
    Draw(data.image(i), row, filled[row], picture);
    ++filled[row];
  }
  return EncodePng(picture);
}

}  // namespace digits
