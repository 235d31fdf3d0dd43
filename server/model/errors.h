// Makes the errors of this room.
#ifndef DIGITS_SERVER_MODEL_ERRORS_H_
#define DIGITS_SERVER_MODEL_ERRORS_H_

#include <fmt/format.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace digits {

// InvalidArgument with a message as fmt::format() makes it.
template <typename... Args>
absl::Status Invalid(fmt::format_string<Args...> format, Args&&... args) {
  return absl::InvalidArgumentError(fmt::format(format, std::forward<Args>(args)...));
}

// The same error with "`where`: " before its message.
inline absl::Status Annotate(const absl::Status& status, const std::string& where) {
  return absl::Status(status.code(), absl::StrCat(where, ": ", status.message()));
}

}  // namespace digits

#endif  // DIGITS_SERVER_MODEL_ERRORS_H_
