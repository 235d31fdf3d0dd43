#include "server/service/failure_log.h"

#include <chrono>
#include <cstdint>
#include <optional>

#include "server/service/log.h"
#include "server/service/status.h"
#include "server/service/traceparent.h"

namespace digits {
namespace {

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

}  // namespace

void FailureLog::Add(const absl::Status& error, absl::FunctionRef<FailedRequest()> describe) {
  const spdlog::level::level_enum level = LevelOf(error.code());
  if (!IsLogged(level)) return;
  const auto now = std::chrono::steady_clock::now();
  const std::optional<uint64_t> kept_back = limiters_[level].Admit(now);
  if (!kept_back) return;

  const FailedRequest request = describe();
  nlohmann::ordered_json fields = {{"method", request.method},
                                   {"code", absl::StatusCodeToString(error.code())},
                                   {"reason", std::string{error.message()}}};
  if (const std::string field = FieldOf(error); !field.empty()) fields["field"] = field;
  if (!request.cause.empty()) fields["cause"] = request.cause;
  fields["peer"] = request.peer;
  if (const std::optional<TraceParent> trace = ParseTraceParent(request.traceparent)) {
    fields["trace_id"] = trace->trace_id;
    fields["span_id"] = trace->span_id;
  }
  if (*kept_back > 0) fields["kept_back"] = *kept_back;
  Log(level, "call_failed", fields);
}

}  // namespace digits
