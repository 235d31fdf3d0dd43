#include "server/http/reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "server/http/api.h"
#include "server/service/status.h"
#include "tests/server/service/captured_log.h"

namespace digits {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using std::chrono_literals::operator""ms;

const HttpReport kNotFound = {
    .method = "GET", .route = "other", .status = 404, .error = absl::NotFoundError("nothing here")};

// What adding the reports logs.
std::vector<json> Logged(HttpReports& reports, const std::vector<HttpReport>& added) {
  CapturedLog log;
  for (const HttpReport& report : added) reports.Add(report);
  return log.Take();
}

TEST(HttpReportsTest, AFailureIsALineThatSaysWhatFailedAndWhyInWhichTrace) {
  HttpReports reports(nullptr);
  const std::vector<json> lines =
      Logged(reports, {{.method = "POST",
                        .route = "/v1/classify",
                        .status = 400,
                        .error = InvalidField("picture.width", "picture.width is 0"),
                        .peer = "ipv4:127.0.0.1:4000",
                        .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0]["event"], "call_failed");
  EXPECT_EQ(lines[0]["method"], "POST /v1/classify");
  EXPECT_EQ(lines[0]["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(lines[0]["reason"], "picture.width is 0");
  EXPECT_EQ(lines[0]["field"], "picture.width");
  EXPECT_EQ(lines[0]["peer"], "ipv4:127.0.0.1:4000");
  EXPECT_EQ(lines[0]["trace_id"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(lines[0]["span_id"], "b7ad6b7169203331");
}

TEST(HttpReportsTest, AnswersAreNotLogged) {
  HttpReports reports(nullptr);
  EXPECT_THAT(Logged(reports, {{.method = "GET", .route = "/", .status = 200},
                               {.method = "GET", .route = "/", .status = 304}}),
              IsEmpty());
}

TEST(HttpReportsTest, AFloodOfFailuresIsAFewLines) {
  HttpReports reports(nullptr);
  const std::vector<HttpReport> flood(1000, kNotFound);
  EXPECT_THAT(Logged(reports, flood), AllOf(SizeIs(testing::Ge(10U)), SizeIs(testing::Lt(20U))));
}

TEST(HttpReportsTest, AFloodOfClientsMistakesHidesNoFailureOfTheServers) {
  HttpReports reports(nullptr);
  std::vector<HttpReport> added(1000, kNotFound);
  added.push_back({.method = "POST",
                   .route = "/v1/classify",
                   .status = 500,
                   .error = absl::InternalError("no answer"),
                   .cause = "out of luck"});
  const std::vector<json> lines = Logged(reports, added);
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.back()["level"], "error");
  EXPECT_EQ(lines.back()["cause"], "out of luck");
}

TEST(HttpReportsTest, AMethodThatIsNoneIsNotRepeated) {
  HttpReports reports(nullptr);
  const std::vector<json> lines = Logged(reports, {{.method = "G\xc2\x9b"
                                                              "2J",
                                                    .route = "other",
                                                    .status = 400,
                                                    .error = absl::InvalidArgumentError("x")}});
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0]["method"], "other other");
}

TEST(HttpReportsTest, RequestsAreCountedByRouteAndStatus) {
  const auto routes = Api::Routes();
  Metrics metrics({}, {}, {routes.begin(), routes.end()}, 1);
  HttpReports reports(&metrics);
  Logged(reports, {{.method = "GET", .route = "/", .status = 200, .time = 2ms},
                   {.method = "GET", .route = "/", .status = 200, .time = 2ms},
                   {.method = "POST", .route = "/v1/classify", .status = 400, .time = 1ms},
                   {.method = "GET", .route = "other", .status = 404, .time = 1ms}});
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("digits_http_requests_total{route=\"/\",code=\"200\"} 2\n"));
  EXPECT_THAT(text,
              HasSubstr("digits_http_requests_total{route=\"/v1/classify\",code=\"400\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("digits_http_requests_total{route=\"unknown\",code=\"404\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("digits_http_request_seconds_count{route=\"/\"} 2\n"));
}

}  // namespace
}  // namespace digits
