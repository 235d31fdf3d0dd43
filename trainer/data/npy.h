// Arrays in NumPy's .npy format.
#ifndef DIGITS_TRAINER_DATA_NPY_H_
#define DIGITS_TRAINER_DATA_NPY_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace digits {

struct NpyArray {
  std::string type;           // "|u1", "<i8", ...
  std::vector<size_t> shape;  // row-major
  std::string_view data;      // within the bytes that were parsed
};

// Reads the header of a .npy file, format 1.0 to 3.0, and leaves the data where they are. Refuses
// column-major arrays. Whether the data are as long as type and shape say is left to the caller.
absl::StatusOr<NpyArray> ParseNpy(std::string_view bytes, std::string_view name);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_NPY_H_
