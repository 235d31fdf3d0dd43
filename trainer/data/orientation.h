// Which way up a picture is to be seen.
#ifndef DIGITS_TRAINER_DATA_ORIENTATION_H_
#define DIGITS_TRAINER_DATA_ORIENTATION_H_

#include <string_view>

#include "server/image/plane.h"

namespace digits {

// The orientation, 1 to 8, in Exif data that begin with "Exif\0\0" (Exif 2.3, section 4.6.4, tag
// 0x0112); 1, upright, where they tell none or are broken.
int ExifOrientation(std::string_view exif);

// The picture as it is to be seen whose first row and column lie where `orientation` says.
Plane Upright(Plane picture, int orientation);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_ORIENTATION_H_
