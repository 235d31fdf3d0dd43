#include "server/model/name.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/model/errors.h"

namespace digits {
namespace {

bool IsUtf8(std::string_view text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());  // throws where it is not
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

}  // namespace

absl::Status CheckName(std::string_view what, std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) {
    return Invalid("{} has {} bytes; 1 to {} are allowed", what, name.size(), kMaxNameBytes);
  }
  if (std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return Invalid("{} holds a control character", what);
  }
  if (!IsUtf8(name)) return Invalid("{} is not UTF-8", what);
  return absl::OkStatus();
}

}  // namespace digits
