#include "trainer/calibration/split.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "trainer/training/fit_options.h"

namespace digits {
namespace {

DataSet Pick(const DataSet& data, std::span<const uint32_t> images) {
  DataSet picked;
  picked.name = data.name;
  picked.pixels.reserve(images.size() * kImagePixels);
  for (const uint32_t image : images) {
    const ImageView pixels = data.image(image);
    picked.pixels.insert(picked.pixels.end(), pixels.begin(), pixels.end());
    picked.labels.push_back(data.labels[image]);
  }
  return picked;
}

}  // namespace

absl::StatusOr<SplitImages> SplitAsFit(const DataSet& data, double validation_split) {
  if (!(validation_split > 0 && validation_split < 1)) {
    return absl::InvalidArgumentError(fmt::format(
        "the validation split is {}; it must be greater than 0 and less than 1", validation_split));
  }
  FitOptions fit;
  fit.validation_split = validation_split;
  const size_t count = ValidationImages(fit, data.size());
  if (count == 0 || count == data.size()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: a validation split of {} leaves {} of {} images to validate", data.name,
                    validation_split, count, data.size()));
  }
  const std::vector<uint32_t> order = SplitOrder(data.size());
  const std::span<const uint32_t> images = order;
  return SplitImages{Pick(data, images.first(data.size() - count)), Pick(data, images.last(count))};
}

}  // namespace digits
