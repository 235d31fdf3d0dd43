#include "server/service/call_reports.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/service/log.h"
#include "server/service/status.h"
#include "server/service/traceparent.h"

namespace digits {

spdlog::level::level_enum LevelOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return spdlog::level::err;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnavailable:
      return spdlog::level::warn;
    default:
      return spdlog::level::info;
  }
}

void CallReports::Failed(const grpc::ServerContextBase& call, const absl::Status& status) const {
  const spdlog::level::level_enum level = LevelOf(status.code());
  if (!IsLogged(level)) return;
  const std::optional<uint64_t> kept_back = limiters_[level].Admit(Clock::now());
  if (!kept_back) return;

  nlohmann::ordered_json fields = {{"method", method_},
                                   {"code", absl::StatusCodeToString(status.code())},
                                   {"reason", std::string{status.message()}}};
  if (const std::string field = FieldOf(status); !field.empty()) fields["field"] = field;
  fields["peer"] = call.peer();
  const auto& metadata = call.client_metadata();
  if (const auto header = metadata.find("traceparent"); header != metadata.end()) {
    const std::string_view text(header->second.data(), header->second.size());
    if (const std::optional<TraceParent> trace = ParseTraceParent(text)) {
      fields["trace_id"] = trace->trace_id;
      fields["span_id"] = trace->span_id;
    }
  }
  if (*kept_back > 0) fields["kept_back"] = *kept_back;
  Log(level, "call_failed", fields);
}

}  // namespace digits
