// Whole files in and out.
#ifndef DIGITS_SERVER_FILES_FILE_H_
#define DIGITS_SERVER_FILES_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace digits {

// Reads a regular file of at most `max_bytes`. NotFound, PermissionDenied, ... as the system says;
// InvalidArgument where it is larger or no regular file. Errors name the path.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes);

// Writes a temporary file beside `path`, flushes it to the disk and renames it: at every moment
// `path` holds what it held before or all of `bytes`. Where that fails, no temporary file stays
// behind. A file that is replaced hands on its permissions, a symbolic link stays and what it leads
// to is replaced, and a device or a pipe is written as it is. Errors name the path.
absl::Status WriteFile(const std::string& path, std::string_view bytes);

}  // namespace digits

#endif  // DIGITS_SERVER_FILES_FILE_H_
