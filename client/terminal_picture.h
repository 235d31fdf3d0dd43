// Draws images with characters.
#ifndef DIGITS_CLIENT_TERMINAL_PICTURE_H_
#define DIGITS_CLIENT_TERMINAL_PICTURE_H_

#include <string>

#include "server/image/image.h"

namespace digits {

enum class PictureStyle {
  kColour,  // half blocks in the 24 grays of a 256-colour terminal: every pixel
  kShades,  // shade characters without escape sequences, two pixels each
};

// 14 lines of 28 characters in UTF-8, light ink on dark.
std::string DrawPicture(ImageView image, PictureStyle style);

}  // namespace digits

#endif  // DIGITS_CLIENT_TERMINAL_PICTURE_H_
