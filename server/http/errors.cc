#include "server/http/errors.h"

#include <chrono>
#include <optional>

#include "server/http/json.h"
#include "server/service/status.h"

namespace digits {

int HttpStatus(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

HttpAnswer ErrorAnswer(const absl::Status& error) {
  return ErrorAnswer(error, HttpStatus(error.code()));
}

HttpAnswer ErrorAnswer(const absl::Status& error, int status) {
  HttpAnswer answer = {status, kJsonType, ErrorJson(error), {}, error};
  if (const std::optional<std::chrono::nanoseconds> delay = RetryDelayOf(error)) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*delay);
    answer.headers.emplace_back("Retry-After", std::to_string(seconds.count()));
  }
  return answer;
}

}  // namespace digits
