#include "server/http/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "server/service/status.h"

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

// The numbers that google.rpc.Code gives beside its codes.
TEST(ErrorsTest, CodesHaveTheirUsualNumbers) {
  EXPECT_EQ(HttpStatus(absl::StatusCode::kOk), 200);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kInvalidArgument), 400);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kFailedPrecondition), 400);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kOutOfRange), 400);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kUnauthenticated), 401);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kPermissionDenied), 403);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kNotFound), 404);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kAborted), 409);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kAlreadyExists), 409);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kResourceExhausted), 429);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kUnimplemented), 501);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kUnavailable), 503);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kDeadlineExceeded), 504);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kInternal), 500);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kUnknown), 500);
}

TEST(ErrorsTest, WhenToTryAgainIsSaidInWholeSeconds) {
  const HttpAnswer later = ErrorAnswer(TryLater("full", std::chrono::milliseconds(1500)));
  EXPECT_EQ(later.status, 429);
  EXPECT_THAT(later.headers, ElementsAre(Pair("Retry-After", "2")));
  EXPECT_THAT(ErrorAnswer(absl::ResourceExhaustedError("full")).headers, IsEmpty());
}

TEST(ErrorsTest, AnErrorMayHaveANumberThatGrpcHasNot) {
  const HttpAnswer answer = ErrorAnswer(absl::ResourceExhaustedError("too long"), 413);
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(answer.body,
            "{\"error\":{\"code\":\"RESOURCE_EXHAUSTED\",\"message\":\"too long\"}}\n");
}

}  // namespace
}  // namespace digits
