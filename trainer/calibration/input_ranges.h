// What int8 arithmetic is to expect of each layer's inputs.
#ifndef DIGITS_TRAINER_CALIBRATION_INPUT_RANGES_H_
#define DIGITS_TRAINER_CALIBRATION_INPUT_RANGES_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "server/model/network.h"
#include "trainer/data/data_set.h"

namespace digits {

// Counts values by their size, whatever the sign.
class MagnitudeHistogram {
 public:
  MagnitudeHistogram();

  // None is NaN.
  void Add(std::span<const float> values);

  // The size that `share` of the values do not exceed, rounded up by 1/128 at most; 0 < share <= 1.
  // For share 1 it is the largest one itself. 0 where there are no values.
  float Quantile(double share) const;

 private:
  std::vector<uint64_t> counts_;  // by a float's exponent and the first 7 bits of its fraction
  uint64_t total_ = 0;
  float largest_ = 0;
};

// The first so many images of a training set are measured.
inline constexpr size_t kMeasuredImages = 10'000;

// Runs the images through the network in float32. One histogram for each layer but the first, of
// that layer's inputs. Linear in kMeasuredImages x weights.
std::vector<MagnitudeHistogram> MeasureLayerInputs(const Network& network, const DataSet& data);

// Ranges are tried that hold this share of each layer's inputs; the others are cut, for coarse
// steps for the sake of a few large values may cost more.
inline constexpr double kTriedShares[] = {1, 0.9999, 0.999};

struct InputRanges {
  std::vector<float> ranges;  // as in Network::input_ranges
  double share = 1;           // of the inputs that they hold
  // Of int8 with these ranges on the validation images; none where the processor has no int8, or
  // there is only one layer, which needs no ranges.
  std::optional<double> accuracy;
};

// Of the tried shares the one with the fewest errors of int8 on the validation images; among
// equals that with the least mean -ln of the right class' probability. Where the processor
// cannot compute in int8, the largest inputs. Labels are classes of the network. Errors as
// MakeOnednnClassifier().
absl::StatusOr<InputRanges> ChooseInputRanges(const Network& network, const DataSet& training,
                                              const DataSet& validation);

}  // namespace digits

#endif  // DIGITS_TRAINER_CALIBRATION_INPUT_RANGES_H_
