#include "trainer/augment/options.h"

#include <fmt/format.h>

#include <utility>

#include "server/image/image.h"

namespace digits {
namespace {

template <typename... Args>
absl::Status Refuse(fmt::format_string<Args...> format, Args&&... args) {
  return absl::InvalidArgumentError(fmt::format(format, std::forward<Args>(args)...));
}

// NaN is in no range.
bool Within(double value, double least, double greatest) {
  return value >= least && value <= greatest;
}

}  // namespace

absl::Status CheckAugmentOptions(const AugmentOptions& options) {
  if (!Within(options.rotation, 0, 180)) {
    return Refuse("the rotation is up to {} degrees; 0 to 180 are possible", options.rotation);
  }
  if (!(options.scale >= 0 && options.scale < 1)) {
    return Refuse("the scale varies by {}; it must be at least 0 and less than 1", options.scale);
  }
  if (!Within(options.shear, 0, 1)) {
    return Refuse("the shear is up to {} pixels a pixel; 0 to 1 are possible", options.shear);
  }
  if (!Within(options.shift, 0, kImageSide)) {
    return Refuse("the shift is up to {} pixels; 0 to {} are possible", options.shift, kImageSide);
  }
  if (!Within(options.elastic_alpha, 0, 1000)) {
    return Refuse("the elastic distortion's alpha is {} pixels; 0 to 1000 are possible",
                  options.elastic_alpha);
  }
  for (const double sigma : {options.elastic_sigma_least, options.elastic_sigma_greatest}) {
    if (!Within(sigma, 1, kImageSide)) {
      return Refuse("the elastic distortion's sigma is {} pixels; 1 to {} are possible", sigma,
                    kImageSide);
    }
  }
  if (options.elastic_sigma_least > options.elastic_sigma_greatest) {
    return Refuse("the elastic distortion's sigma goes from {} to {} pixels; the least comes first",
                  options.elastic_sigma_least, options.elastic_sigma_greatest);
  }
  if (!Within(options.thickness, 0, 1)) {
    return Refuse("strokes get up to {} pixels thicker; 0 to 1 are possible", options.thickness);
  }
  if (!Within(options.soiled, 0, 1)) {
    return Refuse("the share of soiled images is {}; 0 to 1 are possible", options.soiled);
  }
  if (!Within(options.contrast, 0, 1)) {
    return Refuse("the contrast varies by {}; 0 to 1 are possible", options.contrast);
  }
  if (!Within(options.noise, 0, 255)) {
    return Refuse("the noise is up to {} grey levels; 0 to 255 are possible", options.noise);
  }
  return absl::OkStatus();
}

}  // namespace digits
