// Errors as HTTP answers.
#ifndef DIGITS_SERVER_HTTP_ERRORS_H_
#define DIGITS_SERVER_HTTP_ERRORS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace digits {

// What one request is answered with.
struct HttpAnswer {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};  // further ones
  absl::Status error = absl::OkStatus();                          // what is told, where it is one
};

// 400 for InvalidArgument and so on: 500 for what has no number of its own.
int HttpStatus(absl::StatusCode code);

// {"error":{"code":"INVALID_ARGUMENT","message":...,"field":...,"reason":...}}, field and reason
// where `error` has them (FieldOf, ReasonOf), with HttpStatus of its code. Retry-After, in whole
// seconds, where it says when to try again (RetryDelayOf).
HttpAnswer ErrorAnswer(const absl::Status& error);

// The same with a number that HTTP has and gRPC has not, such as 413.
HttpAnswer ErrorAnswer(const absl::Status& error, int status);

}  // namespace digits

#endif  // DIGITS_SERVER_HTTP_ERRORS_H_
