// Patterns for files, for shells that do not expand them, and for quotes.
#ifndef DIGITS_CLIENT_PATTERNS_H_
#define DIGITS_CLIENT_PATTERNS_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace digits {

// The arguments, with each one that has *, ? or [ and is no file or folder itself replaced by what
// it stands for (glob(7)), in the natural order of names (2.png before 10.png). NotFound where that
// is nothing.
absl::StatusOr<std::vector<std::string>> ExpandPatterns(std::span<const std::string> arguments);

}  // namespace digits

#endif  // DIGITS_CLIENT_PATTERNS_H_
