#include "trainer/data/idx.h"

#include <fmt/format.h>

#include "server/image/image.h"

namespace digits {
namespace {

constexpr uint32_t kImagesMagic = 0x00000803;  // bytes in three dimensions
constexpr uint32_t kLabelsMagic = 0x00000801;  // bytes in one dimension
constexpr size_t kImagesHeader = 16;           // magic number, count, rows, columns
constexpr size_t kLabelsHeader = 8;            // magic number, count

// The big-endian number at `offset`, which is within `bytes`.
uint32_t BigEndian(std::string_view bytes, size_t offset) {
  uint32_t number = 0;
  for (const char byte : bytes.substr(offset, 4)) {
    number = number << 8 | static_cast<uint8_t>(byte);
  }
  return number;
}

bool HasMagic(std::string_view bytes, uint32_t magic) {
  return bytes.size() >= 4 && BigEndian(bytes, 0) == magic;
}

absl::Status CheckHeader(std::string_view bytes, std::string_view name, uint32_t magic,
                         size_t header_size, std::string_view content) {
  if (bytes.size() < header_size) {
    return absl::InvalidArgumentError(
        fmt::format("{}: has {} bytes, less than the {} of the header of IDX {}", name,
                    bytes.size(), header_size, content));
  }
  if (!HasMagic(bytes, magic)) {
    return absl::InvalidArgumentError(
        fmt::format("{}: begins with the number 0x{:08x}, where IDX {} begin with 0x{:08x}", name,
                    BigEndian(bytes, 0), content, magic));
  }
  return absl::OkStatus();
}

// The bytes after the header, which are to be `count` times `item_size`.
absl::StatusOr<std::vector<uint8_t>> Body(std::string_view bytes, std::string_view name,
                                          size_t header_size, size_t item_size,
                                          std::string_view content) {
  const size_t count = BigEndian(bytes, 4);
  const std::string_view body = bytes.substr(header_size);
  if (body.size() != count * item_size) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: its header says {} {}, which take {} bytes, but {} bytes follow: the file is {}", name,
        count, content, count * item_size, body.size(),
        body.size() < count * item_size ? "cut off" : "too long"));
  }
  return std::vector<uint8_t>(body.begin(), body.end());
}

}  // namespace

bool IsIdxImages(std::string_view bytes) { return HasMagic(bytes, kImagesMagic); }
bool IsIdxLabels(std::string_view bytes) { return HasMagic(bytes, kLabelsMagic); }

absl::StatusOr<std::vector<uint8_t>> ParseIdxImages(std::string_view bytes, std::string_view name) {
  if (absl::Status status = CheckHeader(bytes, name, kImagesMagic, kImagesHeader, "images");
      !status.ok()) {
    return status;
  }
  const uint32_t rows = BigEndian(bytes, 8);
  const uint32_t columns = BigEndian(bytes, 12);
  if (rows != kImageSide || columns != kImageSide) {
    return absl::InvalidArgumentError(
        fmt::format("{}: its images are {} rows by {} columns, where only 28 by 28 are read", name,
                    rows, columns));
  }
  return Body(bytes, name, kImagesHeader, kImagePixels, "images");
}

absl::StatusOr<std::vector<uint8_t>> ParseIdxLabels(std::string_view bytes, std::string_view name,
                                                    int classes) {
  if (absl::Status status = CheckHeader(bytes, name, kLabelsMagic, kLabelsHeader, "labels");
      !status.ok()) {
    return status;
  }
  absl::StatusOr<std::vector<uint8_t>> labels = Body(bytes, name, kLabelsHeader, 1, "labels");
  if (!labels.ok()) return labels;
  for (size_t i = 0; i < labels->size(); ++i) {
    if ((*labels)[i] >= classes) {
      return absl::InvalidArgumentError(
          fmt::format("{}: label {} (counted from 0) is {}, where labels are 0 to {}", name, i,
                      (*labels)[i], classes - 1));
    }
  }
  return labels;
}

}  // namespace digits
