// NumPy's archives of arrays, as Keras' mnist.npz is one.
#ifndef DIGITS_TRAINER_DATA_NPZ_H_
#define DIGITS_TRAINER_DATA_NPZ_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "trainer/data/data_set.h"
#include "trainer/data/gzip.h"

namespace digits {

bool IsZip(std::string_view bytes);

// Reads x_PART.npy and y_PART.npy out of an archive, where `part` is "train" or "test": nothing
// where it has no such images; without labels where it has only the images. Images are uint8
// (n, 28, 28), labels uint8 or int64 (n), each below `classes`. InvalidArgument, naming the array,
// where the archive or an array is broken or another, or where an array inflates to more than
// `max_bytes`; `name` stands for the file.
absl::StatusOr<std::optional<DataSet>> ParseNpz(std::string_view bytes, std::string_view name,
                                                std::string_view part, int classes,
                                                size_t max_bytes = kMaxFileBytes);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_NPZ_H_
