#include "client/terminal_picture.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string_view>
#include <utility>

namespace digits {
namespace {

// Colours 232 to 255 of the 256-colour palette are grays from dark to light.
int Gray(int value) { return 232 + value * 23 / 255; }

std::string_view Shade(int value) {
  constexpr std::array<std::string_view, 5> kShades = {" ", "░", "▒", "▓", "█"};
  return kShades[static_cast<size_t>(value * 4 + 127) / 255];
}

// The upper half of the block is in the foreground's colour, the lower in the background's.
void AppendColoured(std::span<const uint8_t> upper, std::span<const uint8_t> lower,
                    std::string& picture) {
  std::pair<int, int> colours;
  for (size_t column = 0; column < upper.size(); ++column) {
    const std::pair<int, int> wanted = {Gray(upper[column]), Gray(lower[column])};
    if (wanted != colours) {
      fmt::format_to(std::back_inserter(picture), "\x1b[38;5;{};48;5;{}m", wanted.first,
                     wanted.second);
      colours = wanted;
    }
    picture += "▀";
  }
  picture += "\x1b[0m\n";
}

void AppendShaded(std::span<const uint8_t> upper, std::span<const uint8_t> lower,
                  std::string& picture) {
  for (size_t column = 0; column < upper.size(); ++column) {
    picture += Shade((upper[column] + lower[column]) / 2);
  }
  picture += '\n';
}

}  // namespace

std::string DrawPicture(ImageView image, PictureStyle style) {
  std::string picture;
  for (size_t row = 0; row < kImageSide; row += 2) {
    const auto upper = image.subspan(row * kImageSide, kImageSide);
    const auto lower = image.subspan((row + 1) * kImageSide, kImageSide);
    if (style == PictureStyle::kColour) {
      AppendColoured(upper, lower, picture);
    } else {
      AppendShaded(upper, lower, picture);
    }
  }
  return picture;
}

}  // namespace digits
