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

// As light as CIE's L* = 20, 54 and 83: about as far from each other in grey.
constexpr Colour kBelowZero = {0x0b, 0x2f, 0x6b};
constexpr Colour kZero = {0x80, 0x80, 0x80};
constexpr Colour kAboveZero = {0xff, 0xc4, 0x6b};

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
  std::array<uint8_t, 3 * kImagePixels> pixels;
  for (size_t i = 0; i < kImagePixels; ++i) {
    const Colour& end = weights[i] < 0 ? kBelowZero : kAboveZero;
    const float part = std::min(std::abs(weights[i]) / limit, 1.0f);
    for (size_t c = 0; c < 3; ++c) {
      const auto colour = static_cast<float>(kZero[c]) +
                          part * (static_cast<float>(end[c]) - static_cast<float>(kZero[c]));
      pixels[3 * i + c] = static_cast<uint8_t>(std::lround(colour));
    }
  }
  return Picture(PngFormat::kRgb, pixels, alternative);
}

}  // namespace digits
