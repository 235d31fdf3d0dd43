#include "trainer/data/sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "trainer/data/png_encoder.h"

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
  return EncodePng(PngFormat::kGray, picture.width, picture.height, picture.pixels);
}

}  // namespace digits
