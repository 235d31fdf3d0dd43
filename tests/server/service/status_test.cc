#include "server/service/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "digits/internal/error_details.pb.h"

namespace digits {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(ToGrpcStatusTest, OkIsOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok()); }

TEST(ToGrpcStatusTest, EveryCodeKeepsItsNameAndItsMessage) {
  const struct {
    absl::Status status;
    grpc::StatusCode code;
  } cases[] = {
      {absl::CancelledError("why"), grpc::StatusCode::CANCELLED},
      {absl::UnknownError("why"), grpc::StatusCode::UNKNOWN},
      {absl::InvalidArgumentError("why"), grpc::StatusCode::INVALID_ARGUMENT},
      {absl::DeadlineExceededError("why"), grpc::StatusCode::DEADLINE_EXCEEDED},
      {absl::NotFoundError("why"), grpc::StatusCode::NOT_FOUND},
      {absl::AlreadyExistsError("why"), grpc::StatusCode::ALREADY_EXISTS},
      {absl::PermissionDeniedError("why"), grpc::StatusCode::PERMISSION_DENIED},
      {absl::ResourceExhaustedError("why"), grpc::StatusCode::RESOURCE_EXHAUSTED},
      {absl::FailedPreconditionError("why"), grpc::StatusCode::FAILED_PRECONDITION},
      {absl::AbortedError("why"), grpc::StatusCode::ABORTED},
      {absl::OutOfRangeError("why"), grpc::StatusCode::OUT_OF_RANGE},
      {absl::UnimplementedError("why"), grpc::StatusCode::UNIMPLEMENTED},
      {absl::InternalError("why"), grpc::StatusCode::INTERNAL},
      {absl::UnavailableError("why"), grpc::StatusCode::UNAVAILABLE},
      {absl::DataLossError("why"), grpc::StatusCode::DATA_LOSS},
      {absl::UnauthenticatedError("why"), grpc::StatusCode::UNAUTHENTICATED},
  };
  for (const auto& [status, code] : cases) {
    EXPECT_EQ(ToGrpcStatus(status).error_code(), code) << status;
    EXPECT_EQ(ToGrpcStatus(status).error_message(), "why");
    EXPECT_EQ(ToGrpcStatus(status).error_details(), "");
  }
}

TEST(ToGrpcStatusTest, TheFieldAtFaultTravelsAsGoogleRpcBadRequest) {
  const grpc::Status status = ToGrpcStatus(InvalidField("pixels", "too few"));
  internal::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), 3);
  EXPECT_EQ(details.message(), "too few");
  ASSERT_THAT(details.details(), SizeIs(1));
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.BadRequest");
  internal::BadRequest bad_request;
  ASSERT_TRUE(bad_request.ParseFromString(details.details(0).value()));
  ASSERT_THAT(bad_request.field_violations(), SizeIs(1));
  EXPECT_EQ(bad_request.field_violations(0).field(), "pixels");
  EXPECT_EQ(bad_request.field_violations(0).description(), "too few");
}

TEST(WithFieldTest, KeepsTheCodeAndNamesTheField) {
  const absl::Status status = WithField(absl::NotFoundError("no such model"), "model");
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(status.message(), "no such model");
  EXPECT_EQ(FieldOf(status), "model");
}

TEST(WithFieldTest, AnErrorWithoutFieldNamesNone) {
  EXPECT_EQ(FieldOf(absl::NotFoundError("")), "");
}

TEST(WithFieldTest, ControlCharactersDoNotReachTheCallersTerminal) {
  const absl::Status status = InvalidField("model", "no model 'a\x1b[31m\n\x7f\xd1\x86'");
  EXPECT_EQ(status.message(), "no model 'a?[31m??\xd1\x86'");
}

TEST(WithFieldTest, LongMessagesAreCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "\xd1\x86";  // two bytes each
  const std::string message(InvalidField("model", "x" + text).message());
  EXPECT_THAT(message, SizeIs(1 + 2 * 248 + 3));
  EXPECT_THAT(message, EndsWith("\xd1\x86..."));
}

TEST(StatusTest, WhenToTryAgainIsTold) {
  EXPECT_EQ(RetryDelayOf(TryLater("full", std::chrono::milliseconds(1500))),
            std::chrono::milliseconds(1500));
  EXPECT_EQ(RetryDelayOf(absl::ResourceExhaustedError("full")), std::nullopt);
}

}  // namespace
}  // namespace digits
