// Names that people give: to classes, to models.
#ifndef DIGITS_SERVER_MODEL_NAME_H_
#define DIGITS_SERVER_MODEL_NAME_H_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

namespace digits {

inline constexpr size_t kMaxNameBytes = 256;

// InvalidArgument unless `name` has 1 to kMaxNameBytes bytes of UTF-8 and no control character:
// names are fields of protobuf's messages and are printed in terminals and in rows of CSV. `what`
// says in the error whose name it is: "a class name".
absl::Status CheckName(std::string_view what, std::string_view name);

}  // namespace digits

#endif  // DIGITS_SERVER_MODEL_NAME_H_
