#include "trainer/report/picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"
#include "trainer/data/png_encoder.h"

namespace digits {
namespace {

using Colour = std::array<uint8_t, 3>;  // red, green, blue

// They are told apart by the colour-blind, and stand out from white and from black.
constexpr Colour kBelowZero = {0x2b, 0x7b, 0xd6};
constexpr Colour kAboveZero = {0xe2, 0x6d, 0x0e};

absl::StatusOr<Html> Picture(PngFormat format, std::span<const uint8_t> pixels,
                             std::string_view alternative) {
  const absl::StatusOr<std::string> png = EncodePng(format, kImageSide, kImageSide, pixels);
  if (!png.ok()) return png.status();
  const std::string side = std::to_string(kImageSide);
  return Element("img",
                 {{"src", "data:image/png;base64," + absl::Base64Escape(*png)},
                  {"width", side},
                  {"height", side},
                  {"alt", std::string(alternative)}},
                 Html());
}

}  // namespace

absl::StatusOr<Html> ImagePicture(ImageView image, std::string_view alternative) {
  return Picture(PngFormat::kGray, image, alternative);
}

absl::StatusOr<Html> WeightsPicture(std::span<const float, kImagePixels> weights, float limit,
                                    std::string_view alternative) {
  std::array<uint8_t, 4 * kImagePixels> pixels;
  for (size_t i = 0; i < kImagePixels; ++i) {
    const Colour& colour = weights[i] < 0 ? kBelowZero : kAboveZero;
    const float part = std::min(std::abs(weights[i]) / limit, 1.0f);
    std::ranges::copy(colour, pixels.begin() + static_cast<std::ptrdiff_t>(4 * i));
    pixels[4 * i + 3] = static_cast<uint8_t>(std::lround(255 * part));
  }
  return Picture(PngFormat::kRgba, pixels, alternative);
}

}  // namespace digits
