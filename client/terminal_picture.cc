#include "client/terminal_picture.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string_view>

namespace digits {
namespace {

// Colours 232 to 255 of the 256-colour palette are grays from dark to light.
int Gray(int value) { return 232 + value * 23 / 255; }

std::string_view Shade(int value) {
  constexpr std::array<std::string_view, 5> kShades = {" ", "░", "▒", "▓", "█"};
  return kShades[static_cast<size_t>(value * 4 + 127) / 255];
}

}  // namespace

std::string DrawPicture(ImageView image, PictureStyle style) {
  std::string picture;
  for (size_t row = 0; row < kImageSide; row += 2) {
    for (size_t column = 0; column < kImageSide; ++column) {
      const int upper = image[row * kImageSide + column];
      const int lower = image[(row + 1) * kImageSide + column];
      if (style == PictureStyle::kColour) {
        fmt::format_to(std::back_inserter(picture), "\x1b[38;5;{};48;5;{}m▀", Gray(upper),
                       Gray(lower));
      } else {
        picture += Shade((upper + lower) / 2);
      }
    }
    picture += style == PictureStyle::kColour ? "\x1b[0m\n" : "\n";
  }
  return picture;
}

}  // namespace digits
