// Bytes of files, whatever the files may be.
#ifndef DIGITS_TRAINER_DATA_FILE_H_
#define DIGITS_TRAINER_DATA_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace digits {

// The most that is read from a file, and the most that a compressed one may inflate to: 1 GiB.
inline constexpr size_t kMaxFileBytes = size_t{1} << 30;

// The bytes of a regular file or of a link to one. A folder, a pipe or a device is refused and
// never waited for. Errors name the path: NotFound, PermissionDenied or InvalidArgument.
absl::StatusOr<std::string> ReadDataFile(const std::string& path);

// The first bytes of a file, at most `count`, and how long it is.
struct FileStart {
  std::string bytes;
  size_t size = 0;  // of the whole file
};
absl::StatusOr<FileStart> ReadFileStart(const std::string& path, size_t count);

bool IsGzip(std::string_view bytes);

// What gzipped bytes, less than 4 GiB of them, hold, their checksums checked. Bytes that end early,
// are damaged, hold anything after their end or hold more than `max_bytes` are InvalidArgument;
// `name` stands for the file in errors.
absl::StatusOr<std::string> Gunzip(std::string_view bytes, std::string_view name,
                                   size_t max_bytes = kMaxFileBytes);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_FILE_H_
