// Pictures within the page.
#ifndef DIGITS_TRAINER_REPORT_PICTURE_H_
#define DIGITS_TRAINER_REPORT_PICTURE_H_

#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/image/image.h"
#include "trainer/report/html.h"

namespace digits {

// An <img> that holds its own PNG. `alternative` is read to those who do not see it. Internal where
// libpng fails.

// Light ink on black.
absl::StatusOr<Html> ImagePicture(ImageView image, std::string_view alternative);

// One unit's weights, 28 x 28, row-major: grey at 0, dark blue at -`limit` < 0 and beyond, light
// orange at `limit` and beyond, so that they are told apart without colours too.
absl::StatusOr<Html> WeightsPicture(std::span<const float, kImagePixels> weights, float limit,
                                    std::string_view alternative);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_PICTURE_H_
