#include "server/service/status.h"

#include <cstddef>

#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"
#include "digits/internal/error_details.pb.h"

namespace digits {
namespace {

constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";
constexpr char kRetryInfoUrl[] = "type.googleapis.com/google.rpc.RetryInfo";

// Messages travel in HTTP/2 headers, once plainly and twice in the details; 8 KiB hold them all.
constexpr size_t kMaxMessageBytes = 500;

bool IsControl(char c) { return (static_cast<unsigned char>(c) < 0x20) || c == 0x7f; }

bool ContinuesUtf8(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::string Presentable(absl::string_view message) {
  std::string text(message);
  if (text.size() > kMaxMessageBytes) {
    size_t end = kMaxMessageBytes - 3;
    while (end > 0 && ContinuesUtf8(text[end])) --end;
    text.resize(end);
    text += "...";
  }
  for (char& c : text) {
    if (IsControl(c)) c = '?';
  }
  return text;
}

absl::Status WithFieldAndReason(const absl::Status& error, std::string_view field,
                                std::string_view reason) {
  absl::Status named(error.code(), Presentable(error.message()));
  internal::BadRequest details;
  internal::BadRequest::FieldViolation* violation = details.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string{named.message()});
  violation->set_reason(std::string(reason));
  named.SetPayload(kBadRequestUrl, absl::Cord(details.SerializeAsString()));
  return named;
}

// The first one; empty where there is none.
internal::BadRequest::FieldViolation ViolationOf(const absl::Status& error) {
  const auto payload = error.GetPayload(kBadRequestUrl);
  internal::BadRequest details;
  if (!payload.has_value() || !details.ParseFromString(std::string{*payload}) ||
      details.field_violations().empty()) {
    return {};
  }
  return details.field_violations(0);
}

}  // namespace

absl::Status WithField(const absl::Status& error, std::string_view field) {
  return WithFieldAndReason(error, field, ReasonOf(error));
}

absl::Status InvalidField(std::string_view field, const std::string& message,
                          std::string_view reason) {
  return WithFieldAndReason(absl::InvalidArgumentError(message), field, reason);
}

std::string FieldOf(const absl::Status& error) { return ViolationOf(error).field(); }

std::string ReasonOf(const absl::Status& error) { return ViolationOf(error).reason(); }

absl::Status TryLater(const std::string& message, std::chrono::nanoseconds delay) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(delay);
  internal::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(seconds.count());
  info.mutable_retry_delay()->set_nanos(static_cast<int32_t>((delay - seconds).count()));
  absl::Status status = absl::ResourceExhaustedError(message);
  status.SetPayload(kRetryInfoUrl, absl::Cord(info.SerializeAsString()));
  return status;
}

std::optional<std::chrono::nanoseconds> RetryDelayOf(const absl::Status& error) {
  const auto payload = error.GetPayload(kRetryInfoUrl);
  internal::RetryInfo info;
  if (!payload.has_value() || !info.ParseFromString(std::string{*payload})) return std::nullopt;
  return std::chrono::seconds(info.retry_delay().seconds()) +
         std::chrono::nanoseconds(info.retry_delay().nanos());
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  // The two kinds of code have the same numbers.
  const auto code = static_cast<grpc::StatusCode>(status.code());
  const std::string message(status.message());

  internal::Status details;
  details.set_code(static_cast<int>(code));
  details.set_message(message);
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    google::protobuf::Any* detail = details.add_details();
    detail->set_type_url(std::string{type_url});
    detail->set_value(std::string{payload});
  });
  if (details.details().empty()) return {code, message};
  return {code, message, details.SerializeAsString()};
}

}  // namespace digits
