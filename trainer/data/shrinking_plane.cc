#include "trainer/data/shrinking_plane.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace digits {
namespace {

constexpr int kKeptSide = 2048;

int DivideUp(int number, int divisor) { return (number + divisor - 1) / divisor; }

}  // namespace

absl::Status CheckPictureSize(int64_t width, int64_t height, bool whole, std::string_view name) {
  const auto refuse = [&](const std::string& why) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: is a picture of {} by {} pixels (width by height), {}", name, width, height, why));
  };
  if (width < 1 || height < 1) return refuse("which is none");
  if (width > kMaxPictureSide || height > kMaxPictureSide) {
    return refuse(fmt::format("where a side has at most {}", kMaxPictureSide));
  }
  if (width * height > kMaxPicturePixels) {
    return refuse(fmt::format("where at most {} million are read: make it smaller",
                              kMaxPicturePixels / 1'000'000));
  }
  if (whole && width * height > kMaxWholePixels) {
    return refuse(
        fmt::format("interlaced or progressive, where at most {} million are read: save it without "
                    "that, or smaller",
                    kMaxWholePixels / 1'000'000));
  }
  return absl::OkStatus();
}

int ShrinkingFactor(int width, int height) { return DivideUp(std::max(width, height), kKeptSide); }

ShrinkingPlane::ShrinkingPlane(int width, int height)
    : width_(width),
      height_(height),
      factor_(ShrinkingFactor(width, height)),
      plane_(DivideUp(width, factor_), DivideUp(height, factor_)),
      sums_(static_cast<size_t>(plane_.width)) {
  assert(width >= 1 && height >= 1);
}

void ShrinkingPlane::AddRow(std::span<const uint8_t> pixels) {
  assert(rows_ < height_ && pixels.size() == static_cast<size_t>(width_));
  const auto factor = static_cast<size_t>(factor_);
  if (factor == 1) {
    std::ranges::copy(pixels, plane_.Row(rows_++));
    return;
  }
  for (size_t x = 0; x < sums_.size(); ++x) {
    const size_t end = std::min(pixels.size(), (x + 1) * factor);
    for (size_t i = x * factor; i < end; ++i) sums_[x] += pixels[i];
  }
  ++rows_;
  if (rows_ % factor_ == 0 || rows_ == height_) FinishRow();
}

void ShrinkingPlane::FinishRow() {
  const int y = (rows_ - 1) / factor_;
  const int down = rows_ - y * factor_;
  uint8_t* const row = plane_.Row(y);
  for (int x = 0; x < plane_.width; ++x) {
    const int across = std::min(factor_, width_ - x * factor_);
    const auto pixels = static_cast<uint32_t>(across * down);
    uint32_t& sum = sums_[static_cast<size_t>(x)];
    row[x] = static_cast<uint8_t>((sum + pixels / 2) / pixels);
    sum = 0;
  }
}

}  // namespace digits
