// Where a request belongs in a trace, as its sender says.
#ifndef DIGITS_SERVER_SERVICE_TRACEPARENT_H_
#define DIGITS_SERVER_SERVICE_TRACEPARENT_H_

#include <optional>
#include <string_view>

namespace digits {

struct TraceParent {
  std::string_view trace_id;  // 32 lower-case hexadecimal digits
  std::string_view span_id;   // 16 of them
};

// Reads a header "traceparent" (W3C Trace Context, section 3.2): of version 00, or what later
// versions have in common with it. The result views `header`; there is none where that is invalid.
std::optional<TraceParent> ParseTraceParent(std::string_view header);

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_TRACEPARENT_H_
