#include "server/model/name.h"

#include <nlohmann/json.hpp>

#include "server/model/errors.h"

namespace digits {
namespace {

// The control characters of ASCII, and those of Latin-1 (U+0080 to U+009F) in UTF-8: to a terminal,
// U+009B is as good as "\x1b[".
bool HoldsControl(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte == 0xc2 && next >= 0x80 && next <= 0x9f) return true;
  }
  return false;
}

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
  if (HoldsControl(name)) return Invalid("{} holds a control character", what);
  if (!IsUtf8(name)) return Invalid("{} is not UTF-8", what);
  return absl::OkStatus();
}

}  // namespace digits
