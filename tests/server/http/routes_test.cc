// What is answered to whole requests, over real sockets.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "server/http/page.h"
#include "tests/server/http/http_test_base.h"

namespace digits {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

using Json = nlohmann::json;

// A black picture of 40 x 40 with a white stroke down its middle.
std::string Stroke() {
  std::string pixels(40 * 40, '\0');
  for (size_t y = 8; y < 32; ++y) {
    for (size_t x = 18; x < 22; ++x) pixels[y * 40 + x] = '\xff';
  }
  return pixels;
}

std::string PictureBody(int width, int height, const std::string& pixels,
                        const std::string& more = "") {
  return fmt::format(R"({{"picture":{{"width":{},"height":{},"pixels":"{}"}}{}}})", width, height,
                     absl::Base64Escape(pixels), more);
}

class RoutesTest : public HttpTestBase {};

TEST_F(RoutesTest, ClassifiesRawPixels) {
  Start();
  const Answer answer = Post(kAsBytes, Image28(103));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  EXPECT_THAT(answer.headers.at("server-timing"), MatchesRegex("total;dur=[0-9]+\\.[0-9]+"));
  EXPECT_EQ(answer.body,
            "{\"label\":3,\"label_name\":\"3\",\"confidence\":0.55,\"probabilities\":[0.05,0.05,"
            "0.05,0.55,0.05,0.05,0.05,0.05,0.05,0.05],\"digit_score\":25.75,\"is_digit\":true,"
            "\"model\":\"first\",\"version\":\"0123456789ab\"}\n");
}

TEST_F(RoutesTest, TheQueryChoosesTheModelAndTheImage) {
  Start();
  const std::string path = "/v1/classify?model=second&version=0123456789ab&return_image=1";
  const std::string image = Image28(7);
  const Json answer = Ask(PostRequest(path, kAsBytes, image)).Json();
  EXPECT_EQ(answer["model"], "second");
  EXPECT_EQ(answer["image"], absl::Base64Escape(image));
  EXPECT_FALSE(answer.contains("is_digit")) << "the model has no threshold";
}

TEST_F(RoutesTest, ClassifiesJson) {
  Start();
  const std::string image = Image28(12);
  const Answer base64 =
      Post(kAsJson, fmt::format(R"({{"pixels":"{}"}})", absl::Base64Escape(image)));
  EXPECT_EQ(base64.status, 200) << base64.body;
  EXPECT_EQ(base64.Json()["label"], 2);
  EXPECT_EQ(base64.Json()["is_digit"], false);

  std::vector<int> integers(784);
  integers[0] = 14;
  const Json request = {{"pixels", integers}, {"model", "second"}, {"return_image", true}};
  const Answer array = Post("application/json; charset=utf-8", request.dump());
  EXPECT_EQ(array.status, 200) << array.body;
  EXPECT_EQ(array.Json()["label"], 4);
  EXPECT_EQ(array.Json()["image"], absl::Base64Escape(Image28(14)));
}

TEST_F(RoutesTest, APictureIsNormalisedAndCanBeSeen) {
  Start();
  const Answer answer = Post(kAsJson, PictureBody(40, 40, Stroke(), R"(,"return_image":true)"));
  EXPECT_EQ(answer.status, 200) << answer.body;
  std::string image;
  ASSERT_TRUE(absl::Base64Unescape(answer.Json()["image"].get<std::string>(), &image));
  ASSERT_EQ(image.size(), 784U);
  EXPECT_EQ(image[0], '\0');
  EXPECT_GT(static_cast<uint8_t>(image[14 * 28 + 14]), 200);
}

TEST_F(RoutesTest, MistakesInTheRequestAreNamed) {
  Start();
  const struct {
    std::string path, type, body;
    int status;
    const char *code, *field, *reason;
  } cases[] = {
      {kClassify, kAsBytes, "", 400, "INVALID_ARGUMENT", "pixels", ""},
      {kClassify, kAsBytes, std::string(783, '\0'), 400, "INVALID_ARGUMENT", "pixels", ""},
      {kClassify, kAsBytes, std::string(785, '\0'), 400, "INVALID_ARGUMENT", "pixels", ""},
      {kClassify, kAsJson, "{}", 400, "INVALID_ARGUMENT", "pixels", ""},
      {kClassify, kAsJson, R"({"pixels":[1,2,3]})", 400, "INVALID_ARGUMENT", "pixels", ""},
      {kClassify, kAsJson, R"({"pixels":"AAA*"})", 400, "INVALID_ARGUMENT", "pixels", ""},
      {kClassify, kAsJson, R"({"pixel":[]})", 400, "INVALID_ARGUMENT", "pixel", ""},
      {kClassify, kAsJson, "{\"pixels\"", 400, "INVALID_ARGUMENT", "", ""},
      {kClassify, kAsJson, std::string(1000, '\0'), 400, "INVALID_ARGUMENT", "", ""},
      {kClassify, kAsJson, std::string(1'000'000, '['), 400, "INVALID_ARGUMENT", "", ""},
      {kClassify, kAsJson, R"({"picture":{"height":1,"pixels":[0]}})", 400, "INVALID_ARGUMENT",
       "picture.width", ""},
      {kClassify, kAsJson, PictureBody(2, 2, "abc"), 400, "INVALID_ARGUMENT", "picture.pixels", ""},
      {kClassify, kAsJson, PictureBody(4096, 4096, "abc"), 400, "INVALID_ARGUMENT", "picture", ""},
      {kClassify, kAsJson, PictureBody(30, 30, std::string(900, '\xff')), 400, "INVALID_ARGUMENT",
       "picture", "BLANK"},
      {"/v1/classify?model=third", kAsBytes, Image28(0), 404, "NOT_FOUND", "model", ""},
      {"/v1/classify?model=%ff%00", kAsBytes, Image28(0), 400, "INVALID_ARGUMENT", "model", ""},
      {"/v1/classify?version=3", kAsBytes, Image28(0), 404, "NOT_FOUND", "version", ""},
      {"/v1/classify?mode=first", kAsBytes, Image28(0), 400, "INVALID_ARGUMENT", "mode", ""},
      {"/v1/classify?model=first", kAsJson, "{}", 400, "INVALID_ARGUMENT", "", ""},
      {kClassify, "text/plain", Image28(0), 415, "INVALID_ARGUMENT", "", ""},
      {kClassify, "multipart/form-data; boundary=x", "--x--", 415, "INVALID_ARGUMENT", "", ""},
      {kClassify, "", Image28(0), 415, "INVALID_ARGUMENT", "", ""},
      {"/v1/classif", kAsBytes, Image28(0), 404, "NOT_FOUND", "", ""},
      {"/v1/classify/", kAsBytes, Image28(0), 404, "NOT_FOUND", "", ""},
      {"/v1/models", kAsBytes, "", 405, "UNIMPLEMENTED", "", ""},
  };
  for (const auto& [path, type, body, status, code, field, reason] : cases) {
    const Answer answer = Ask(PostRequest(path, type, body));
    const std::string what = path + " " + type + " " + body.substr(0, 60) + " -> " + answer.body;
    EXPECT_EQ(answer.status, status) << what;
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    const Json error = answer.Json()["error"];
    EXPECT_EQ(error.value("code", ""), code) << what;
    EXPECT_EQ(error.value("field", ""), field) << what;
    EXPECT_EQ(error.value("reason", ""), reason) << what;
    EXPECT_NE(error.value("message", ""), "") << what;
  }
}

TEST_F(RoutesTest, TheLargestPictureIsRead) {
  Start();
  std::string pixels(2048 * 2048, '\0');
  for (size_t y = 600; y < 1400; ++y) {
    for (size_t x = 900; x < 1100; ++x) pixels[y * 2048 + x] = '\xff';
  }
  const Answer answer = Post(kAsJson, PictureBody(2048, 2048, pixels));
  EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST_F(RoutesTest, ModelsAreListedTheDefaultFirst) {
  Start();
  const Answer answer = Get("/v1/models");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  const Json models = answer.Json()["models"];
  ASSERT_EQ(models.size(), 2U) << answer.body;
  EXPECT_EQ(models[0]["name"], "first");
  EXPECT_EQ(models[0]["digit_threshold"], 25);
  EXPECT_EQ(models[0]["max_batch_images"], 3000);
  EXPECT_EQ(models[1]["name"], "second");
}

TEST_F(RoutesTest, ThePageAndItsFilesAreServed) {
  Start();
  const struct {
    const char *path, *type;
    std::string_view content;
  } cases[] = {{"/", "text/html; charset=utf-8", PageHtml()},
               {"/page.css", "text/css; charset=utf-8", PageCss()},
               {"/page.js", "text/javascript; charset=utf-8", PageJs()}};
  for (const auto& [path, type, content] : cases) {
    const Answer answer = Get(path);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("content-type"), type);
    EXPECT_EQ(answer.headers.at("cache-control"), "no-cache");
    EXPECT_EQ(answer.body, content);
    EXPECT_FALSE(content.empty());
  }
  EXPECT_THAT(std::string(PageHtml()), StartsWith("<!DOCTYPE html>"));
}

TEST_F(RoutesTest, HeadIsAnsweredAsGetWithoutTheBody) {
  Start();
  for (const char* path : {"/", "/healthz", "/v1/models"}) {
    Connection connection(address());
    connection.Send(fmt::format("HEAD {} HTTP/1.1\r\nHost: localhost\r\n\r\n", path));
    const Answer head = connection.Read(/*to_head=*/true);
    EXPECT_EQ(head.status, 200);
    connection.Send(GetRequest(path));
    const Answer get = connection.Read();
    EXPECT_EQ(head.headers, get.headers) << path;
  }
}

TEST_F(RoutesTest, HealthIsTheProcessAndReadinessWhatTheServerSays) {
  std::atomic<bool> ready = true;
  callbacks_.ready = [&] { return ready.load(); };
  Start();
  EXPECT_EQ(Get("/readyz").status, 200);
  ready = false;
  const Answer draining = Get("/readyz");
  EXPECT_EQ(draining.status, 503);
  EXPECT_EQ(draining.Json()["error"]["code"], "UNAVAILABLE");
  EXPECT_EQ(Get("/healthz").status, 200);
}

TEST_F(RoutesTest, MetricsAreShownAsTheyAreGiven) {
  callbacks_.metrics = [] { return std::string("digits_up 1\n"); };
  Start();
  const Answer answer = Get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-type"), "text/plain; version=0.0.4");
  EXPECT_EQ(answer.body, "digits_up 1\n");
}

TEST_F(RoutesTest, WithoutMetricsThereIsNothingAtTheirPath) {
  Start();
  EXPECT_EQ(Get("/metrics").status, 404);
}

TEST_F(RoutesTest, OtherMethodsAreToldTheOnesThereAre) {
  Start();
  const struct {
    const char *method, *path, *allowed;
  } cases[] = {{"GET", "/v1/classify", "POST"},      {"HEAD", "/v1/classify", "POST"},
               {"OPTIONS", "/v1/classify", "POST"},  {"DELETE", "/v1/classify", "POST"},
               {"POST", "/", "GET, HEAD"},           {"PUT", "/v1/models", "GET, HEAD"},
               {"OPTIONS", "/healthz", "GET, HEAD"}, {"TRACE", "/", "GET, HEAD"}};
  for (const auto& [method, path, allowed] : cases) {
    Connection connection(address());
    connection.Send(fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n\r\n", method, path));
    const Answer answer = connection.Read(std::string(method) == "HEAD");
    EXPECT_EQ(answer.status, 405) << method << path;
    EXPECT_EQ(answer.headers.at("allow"), allowed);
  }
}

TEST_F(RoutesTest, EveryAnswerKeepsThePageToItselfAndOtherSitesOut) {
  Start();
  for (const Answer& answer :
       {Get("/"), Get("/nothing"), Post(kAsBytes, Image28(1)), Post("text/plain", ""),
        Ask("nonsense\r\n\r\n"), Ask("GET / HTTP/1.1\r\nHost: localhost\r\nRange: x\r\n\r\n")}) {
    EXPECT_THAT(answer.headers.at("content-security-policy"),
                AllOf(StartsWith("default-src 'none'; "), HasSubstr("; connect-src 'self'; "),
                      HasSubstr("frame-ancestors 'none'"), Not(HasSubstr("unsafe"))));
    EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.headers.at("referrer-policy"), "no-referrer");
    EXPECT_EQ(answer.headers.at("cross-origin-opener-policy"), "same-origin");
    EXPECT_EQ(answer.headers.at("cross-origin-resource-policy"), "same-origin");
    EXPECT_EQ(answer.headers.count("access-control-allow-origin"), 0U);
  }
}

TEST_F(RoutesTest, OnLoopbackTheHostMustBeThisMachine) {
  Start();
  const auto status = [&](const std::string& headers) {
    return Ask("GET /healthz HTTP/1.1\r\n" + headers + "\r\n").status;
  };
  for (const char* host :
       {"localhost", "LocalHost:80", "127.0.0.1", "127.0.0.1:9", "[::1]", "[::1]:8080"}) {
    EXPECT_EQ(status(fmt::format("Host: {}\r\n", host)), 200) << host;
  }
  for (const char* host : {"evil.example", "localhost.evil.example:8080", "127.0.0.1.evil.example",
                           "10.0.0.1", "[::2]:8080", "[", ":80"}) {
    EXPECT_EQ(status(fmt::format("Host: {}\r\n", host)), 403) << host;
  }
  EXPECT_EQ(status(""), 400);
  EXPECT_EQ(status("Host: localhost\r\nHost: localhost\r\n"), 400);
  EXPECT_EQ(Ask("GET /healthz HTTP/1.0\r\n\r\n").status, 200) << "Host came with HTTP/1.1";
}

TEST_F(RoutesTest, ListeningEverywhereAnyHostWillDo) {
  options_.listen = "0.0.0.0:0";
  Start();
  EXPECT_EQ(Ask("GET /healthz HTTP/1.1\r\nHost: digits.example\r\n\r\n").status, 200);
}

TEST_F(RoutesTest, RangesAndCompressionAreNotOffered) {
  Start();
  const Answer plain = Get("/");
  for (const char* header : {"Range: bytes=0-3", "Range: bytes=0-,0-,0-", "Accept-Encoding: gzip",
                             "Accept-Encoding: br, gzip"}) {
    const Answer answer =
        Ask(fmt::format("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n\r\n", header));
    EXPECT_EQ(answer.status, 200) << header;
    EXPECT_EQ(answer.body, plain.body) << header;
    EXPECT_EQ(answer.headers, plain.headers) << header;
  }
}

TEST_F(RoutesTest, EachAnswerIsReportedWithItsRouteAndStatus) {
  std::promise<void> all;
  std::mutex mutex;
  std::vector<std::pair<std::string, int>> reported;
  callbacks_.on_request = [&](const HttpReport& report) {
    const std::lock_guard lock(mutex);
    EXPECT_GT(report.time.count(), 0);
    EXPECT_EQ(report.error.ok(), report.status < 400);
    EXPECT_EQ(report.peer.starts_with("ipv4:127.0.0.1:"), report.status >= 400);
    reported.emplace_back(report.route, report.status);
    if (reported.size() == 4) all.set_value();
  };
  Start();
  Connection connection(address());
  connection.Send(GetRequest("/healthz?x=1"));
  connection.Read();
  connection.Send(PostRequest(kClassify, kAsBytes, "short"));
  connection.Read();
  connection.Send(GetRequest("/secret"));
  connection.Read();
  connection.Send("nonsense\r\n\r\n");
  connection.Read();
  all.get_future().wait();
  server_.reset();  // whose threads use what is here
  EXPECT_THAT(reported, ElementsAre(std::pair("/healthz", 200), std::pair("/v1/classify", 400),
                                    std::pair("other", 404), std::pair("other", 400)));
}

TEST_F(RoutesTest, AFailureOfOursIsAnInternalErrorAndTheServerGoesOn) {
  on_classify_ = [] { throw std::runtime_error("secret"); };
  Start();
  const Answer answer = Post(kAsBytes, Image28(1));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.Json()["error"]["code"], "INTERNAL");
  EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
  EXPECT_EQ(Get("/healthz").status, 200);
}

}  // namespace
}  // namespace digits
