// Compressed files.
#ifndef DIGITS_TRAINER_DATA_GZIP_H_
#define DIGITS_TRAINER_DATA_GZIP_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace digits {

// The most that is read from a file, and the most that a compressed one may inflate to: 1 GiB.
inline constexpr size_t kMaxFileBytes = size_t{1} << 30;

bool IsGzip(std::string_view bytes);

// What gzipped bytes, less than 4 GiB of them, hold, their checksums checked. Bytes that end early,
// are damaged, hold anything after their end or hold more than `max_bytes` are InvalidArgument;
// `name` stands for the file in errors.
absl::StatusOr<std::string> Gunzip(std::string_view bytes, std::string_view name,
                                   size_t max_bytes = kMaxFileBytes);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_GZIP_H_
