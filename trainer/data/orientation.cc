#include "trainer/data/orientation.h"

#include <libexif/exif-data.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

namespace digits {
namespace {

constexpr size_t kMaxExifBytes = size_t{1} << 20;  // JPEG has room for 64 KiB

Plane Transposed(const Plane& picture) {
  Plane result(picture.height, picture.width);
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) result.Row(y)[x] = picture.Row(x)[y];
  }
  return result;
}

}  // namespace

int ExifOrientation(std::string_view exif) {
  if (exif.size() > kMaxExifBytes) return 1;
  const std::unique_ptr<ExifData, void (*)(ExifData*)> data(
      exif_data_new_from_data(reinterpret_cast<const unsigned char*>(exif.data()),
                              static_cast<unsigned>(exif.size())),
      exif_data_unref);
  if (data == nullptr) return 1;
  const ExifEntry* const entry =
      exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (entry == nullptr || entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return 1;
  const int orientation = exif_get_short(entry->data, exif_data_get_byte_order(data.get()));
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

Plane Upright(Plane picture, int orientation) {
  // Where the first row and column lie: 1 top, left; 2 top, right; 3 bottom, right; 4 bottom, left;
  // 5 left, top; 6 right, top; 7 right, bottom; 8 left, bottom.
  if (orientation >= 5) picture = Transposed(picture);
  const bool from_the_right =
      orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool from_the_bottom =
      orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  // All rows and each of them backwards are the pixels backwards.
  if (from_the_bottom) std::ranges::reverse(picture.pixels);
  if (from_the_right != from_the_bottom) {
    for (int y = 0; y < picture.height; ++y) {
      std::reverse(picture.Row(y), picture.Row(y) + picture.width);
    }
  }
  return picture;
}

}  // namespace digits
