// NumPy's archives of arrays, as Keras' mnist.npz is one.
#ifndef DIGITS_TRAINER_DATA_NPZ_H_
#define DIGITS_TRAINER_DATA_NPZ_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "trainer/data/data_set.h"

namespace digits {

bool IsZip(std::string_view bytes);

// Reads x_PART.npy and y_PART.npy out of an archive, where `part` is "train" or "test": nothing
// where it has no such images; without labels where it has only the images. Images are uint8
// (n, 28, 28), labels uint8 or int64 (n), each below `classes`. InvalidArgument, naming the array,
// where the archive or an array is broken or another; `name` stands for the file.
absl::StatusOr<std::optional<DataSet>> ParseNpz(std::string_view bytes, std::string_view name,
                                                std::string_view part, int classes);

// An array in NumPy's format.
struct NpyArray {
  std::string type;           // "|u1", "<i8", ...
  std::vector<size_t> shape;  // row-major
  std::string_view data;      // of the type's size times the product of the shape, if they agree
};

// Reads the header of a .npy file, format 1.0 to 3.0, and leaves the data where they are. Refuses
// column-major arrays. The length of the data is not checked.
absl::StatusOr<NpyArray> ParseNpy(std::string_view bytes, std::string_view name);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_NPZ_H_
