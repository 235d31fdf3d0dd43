#include "trainer/calibration/split.h"

#include <fmt/format.h>

#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "trainer/training/fit.h"
#include "trainer/training/random.h"

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

absl::StatusOr<SplitImages> SplitAsFit(const DataSet& data, double validation_split,
                                       uint64_t seed) {
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
  std::vector<uint32_t> images(data.size());
  std::iota(images.begin(), images.end(), 0U);
  Random(seed, RandomStream::kValidationSplit).Shuffle(images);
  const std::span<const uint32_t> all = images;
  return SplitImages{Pick(data, all.first(data.size() - count)), Pick(data, all.last(count))};
}

}  // namespace digits
