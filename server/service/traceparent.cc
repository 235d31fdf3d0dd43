#include "server/service/traceparent.h"

#include <cstddef>

namespace digits {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool IsHex(std::string_view text) {
  return text.find_first_not_of(kHexDigits) == std::string_view::npos;
}

bool IsId(std::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

// VV-TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT-SSSSSSSSSSSSSSSS-FF; after that, version 00 ends and others
// may go on with a dash.
std::optional<TraceParent> ParseTraceParent(std::string_view header) {
  constexpr size_t kLength = 55;
  if (header.size() < kLength) return std::nullopt;
  const std::string_view version = header.substr(0, 2);
  const TraceParent parent = {.trace_id = header.substr(3, 32), .span_id = header.substr(36, 16)};
  const std::string_view flags = header.substr(53, 2);
  const bool ends = header.size() == kLength || (version != "00" && header[kLength] == '-');
  const bool valid = header[2] == '-' && header[35] == '-' && header[52] == '-' && ends &&
                     IsHex(version) && version != "ff" && IsId(parent.trace_id) &&
                     IsId(parent.span_id) && IsHex(flags);
  if (!valid) return std::nullopt;
  return parent;
}

}  // namespace digits
