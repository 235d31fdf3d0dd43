// Errors on their way to the caller: which field of the request is at fault, and how an
// absl::Status becomes a gRPC one.
#ifndef DIGITS_SERVER_SERVICE_STATUS_H_
#define DIGITS_SERVER_SERVICE_STATUS_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace digits {

// `error` with a google.rpc.BadRequest as its payload that names `field`, a path in the request
// such as "pixels", says what the error says and keeps its reason. The error's message is made
// presentable first: without control characters, as it may quote the client, and 500 bytes long at
// most.
absl::Status WithField(const absl::Status& error, std::string_view field);

// InvalidArgument, with the field at fault; and, for programs to tell it from others, its reason in
// capitals, where it has one.
absl::Status InvalidField(std::string_view field, const std::string& message,
                          std::string_view reason = "");

// The field that `error` names; empty where it names none.
std::string FieldOf(const absl::Status& error);

// The reason that `error` gives; empty where it gives none.
std::string ReasonOf(const absl::Status& error);

// ResourceExhausted, with a google.rpc.RetryInfo as its payload: clients send such a call again
// only where they are told when.
absl::Status TryLater(const std::string& message, std::chrono::nanoseconds delay);

// The delay that `error` gives; none where it gives none.
std::optional<std::chrono::nanoseconds> RetryDelayOf(const absl::Status& error);

// Same code, same message; the payloads become google.rpc.Status.details.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_STATUS_H_
