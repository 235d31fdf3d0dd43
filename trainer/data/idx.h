// IDX, the format of MNIST's own files: a big-endian magic number, the dimensions, the bytes.
#ifndef DIGITS_TRAINER_DATA_IDX_H_
#define DIGITS_TRAINER_DATA_IDX_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace digits {

bool IsIdxImages(std::string_view bytes);
bool IsIdxLabels(std::string_view bytes);

// The pixels of an IDX file of 28x28 images (magic 0x00000803): n x 784, row-major. InvalidArgument
// where the magic number, the dimensions or the length are not right; `name` stands for the file.
absl::StatusOr<std::vector<uint8_t>> ParseIdxImages(std::string_view bytes, std::string_view name);

// The labels of an IDX file (magic 0x00000801), each below `classes`. Errors as above.
absl::StatusOr<std::vector<uint8_t>> ParseIdxLabels(std::string_view bytes, std::string_view name,
                                                    int classes);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_IDX_H_
