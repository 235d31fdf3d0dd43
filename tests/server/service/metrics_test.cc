#include "server/service/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace digits {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""ns;
using std::chrono_literals::operator""us;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

constexpr uint32_t kTenthOfInk = 19'992;  // of 784 x 255

// The values by series, as the text names them: a{b="c"}.
std::map<std::string, double> ValuesOf(const std::string& text) {
  std::map<std::string, double> values;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    const size_t space = line.rfind(' ');
    const bool is_new = values.emplace(line.substr(0, space), std::stod(line.substr(space))).second;
    EXPECT_TRUE(is_new) << line;
  }
  return values;
}

ModelDescription Describe(const std::string& name) {
  return {.name = name,
          .version = "0123456789ab",
          .precision = "int8",
          .architecture = "784-16-3",
          .sha256 = "0123456789abcdef",
          .class_names = {"zero", "one", "two"},
          .tells_digits = true,
          .load_time = 12ms};
}

class MetricsTest : public ::testing::Test {
 protected:
  std::map<std::string, double> Values() const { return ValuesOf(metrics_.Text()); }

  Metrics metrics_{{Describe("best"), Describe("small")},
                   {{"unary", "digits.v1.DigitClassifier", "Classify"},
                    {"bidi_stream", "digits.v1.DigitClassifier", "ClassifyStream"}},
                   {"/", "/v1/classify"},
                   2};
};

// What stands between the braces for a call of the service's `method`.
std::string Rpc(const std::string& type, const std::string& method) {
  return "grpc_type=\"" + type + "\",grpc_service=\"digits.v1.DigitClassifier\",grpc_method=\"" +
         method + "\"";
}

TEST_F(MetricsTest, CallsAreCountedByMethodAndCode) {
  RpcMetrics& rpc = metrics_.rpc(0);
  for (int i = 0; i < 3; ++i) rpc.Started();
  rpc.Handled(absl::StatusCode::kOk, 10us);
  rpc.Handled(absl::StatusCode::kInvalidArgument, 11us);
  metrics_.rpc(1).Started();

  const auto values = Values();
  const std::string labels = Rpc("unary", "Classify");
  EXPECT_EQ(values.at("grpc_server_started_total{" + labels + "}"), 3);
  EXPECT_EQ(values.at("grpc_server_handled_total{" + labels + ",grpc_code=\"OK\"}"), 1);
  EXPECT_EQ(values.at("grpc_server_handled_total{" + labels + ",grpc_code=\"InvalidArgument\"}"),
            1);
  EXPECT_EQ(values.at("grpc_server_handled_total{" + labels + ",grpc_code=\"Internal\"}"), 0);
  EXPECT_EQ(values.at("grpc_server_handling_seconds_bucket{" + labels + ",le=\"1e-05\"}"), 1);
  EXPECT_EQ(values.at("grpc_server_handling_seconds_bucket{" + labels + ",le=\"2.5e-05\"}"), 2);
  EXPECT_EQ(values.at("grpc_server_handling_seconds_bucket{" + labels + ",le=\"10\"}"), 2);
  EXPECT_EQ(values.at("grpc_server_handling_seconds_bucket{" + labels + ",le=\"+Inf\"}"), 2);
  EXPECT_EQ(values.at("grpc_server_handling_seconds_count{" + labels + "}"), 2);
  EXPECT_DOUBLE_EQ(values.at("grpc_server_handling_seconds_sum{" + labels + "}"), 21e-6);
  EXPECT_EQ(values.at("grpc_server_started_total{" + Rpc("bidi_stream", "ClassifyStream") + "}"),
            1);
}

// The names by number: google.golang.org/grpc/codes, which the ecosystem's metrics are spelled by.
TEST_F(MetricsTest, CodesAreSpelledAsDashboardsKnowThem) {
  const std::vector<std::string> names = {
      "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
      "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
      "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
      "DataLoss", "Unauthenticated"};
  for (size_t code = 0; code < names.size(); ++code) {
    for (size_t i = 0; i <= code; ++i) {
      metrics_.rpc(0).Handled(static_cast<absl::StatusCode>(code), 0ns);
    }
  }
  metrics_.rpc(0).Handled(static_cast<absl::StatusCode>(17), 0ns);
  metrics_.rpc(0).Handled(static_cast<absl::StatusCode>(-1), 0ns);

  const auto values = Values();
  for (size_t code = 0; code < names.size(); ++code) {
    EXPECT_EQ(values.at("grpc_server_handled_total{" + Rpc("unary", "Classify") + ",grpc_code=\"" +
                        names[code] + "\"}"),
              static_cast<double>(code + 1) + (names[code] == "Unknown" ? 2 : 0));
  }
}

TEST_F(MetricsTest, MessagesAreCountedOfStreamsAlone) {
  metrics_.rpc(1).MessageReceived();
  metrics_.rpc(1).MessageReceived();
  metrics_.rpc(1).MessageSent();
  const auto values = Values();
  const std::string stream = Rpc("bidi_stream", "ClassifyStream");
  EXPECT_EQ(values.at("grpc_server_msg_received_total{" + stream + "}"), 2);
  EXPECT_EQ(values.at("grpc_server_msg_sent_total{" + stream + "}"), 1);
  const std::string unary = Rpc("unary", "Classify");
  EXPECT_THAT(values, Not(Contains(Key("grpc_server_msg_received_total{" + unary + "}"))));
  EXPECT_THAT(values, Not(Contains(Key("grpc_server_msg_sent_total{" + unary + "}"))));
}

TEST_F(MetricsTest, RoutesWithoutANameOfTheirOwnAreUnknown) {
  metrics_.unknown_route().Answered(404, 1ms);
  const auto values = Values();
  EXPECT_THAT(values,
              Contains(Pair("digits_http_requests_total{route=\"unknown\",code=\"404\"}", 1)));
}

TEST_F(MetricsTest, ModelsAreDescribed) {
  const auto values = Values();
  EXPECT_THAT(values, Contains(Pair("digits_model_info{model=\"best\",version=\"0123456789ab\","
                                    "precision=\"int8\",architecture=\"784-16-3\","
                                    "sha256=\"0123456789abcdef\"}",
                                    1)));
  EXPECT_THAT(values, Contains(Pair("digits_model_load_seconds{model=\"small\"}", 0.012)));
}

TEST_F(MetricsTest, AnswersAreCountedByModelAndLabel) {
  metrics_.model(0).Answered(2, 0.5F, 0, true);
  metrics_.model(0).Answered(2, 0.5F, 0, false);
  metrics_.model(0).Answered(0, 0.5F, 0, true);
  metrics_.model(1).Answered(1, 0.5F, 0, true);
  const auto values = Values();
  EXPECT_EQ(values.at("digits_answers_total{model=\"best\",label=\"zero\"}"), 1);
  EXPECT_EQ(values.at("digits_answers_total{model=\"best\",label=\"one\"}"), 0);
  EXPECT_EQ(values.at("digits_answers_total{model=\"best\",label=\"two\"}"), 2);
  EXPECT_EQ(values.at("digits_answers_total{model=\"small\",label=\"one\"}"), 1);
  EXPECT_EQ(values.at("digits_not_digits_total{model=\"best\"}"), 1);
  EXPECT_EQ(values.at("digits_not_digits_total{model=\"small\"}"), 0);
}

TEST_F(MetricsTest, AModelThatCannotTellDigitsHasNoShareOfOthers) {
  ModelDescription description = Describe("plain");
  description.tells_digits = false;
  const Metrics metrics({description}, {}, {}, 1);
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("digits_not_digits_total{")));
}

TEST_F(MetricsTest, ConfidenceIsCountedInTheRangeWhoseBoundItDoesNotExceed) {
  for (const float confidence : {0.1F, 0.9F, 0.90000004F, 0.9989999F, 0.999F, 1.0F}) {
    metrics_.model(0).Answered(0, confidence, 0, true);
  }
  const auto values = Values();
  const auto up_to = [&](const std::string& bound) {
    return values.at("digits_confidence_ratio_bucket{model=\"best\",le=\"" + bound + "\"}");
  };
  // As floats, 0.1 and 0.999 are a little more than that, and 0.9 is a little less.
  EXPECT_EQ(up_to("0.1"), 0);
  EXPECT_EQ(up_to("0.2"), 1);
  EXPECT_EQ(up_to("0.9"), 2);
  EXPECT_EQ(up_to("0.95"), 3);
  EXPECT_EQ(up_to("0.99"), 3);
  EXPECT_EQ(up_to("0.999"), 4);
  EXPECT_EQ(up_to("+Inf"), 6);
  EXPECT_NEAR(values.at("digits_confidence_ratio_sum{model=\"best\"}"), 4.898, 1e-5);
}

TEST_F(MetricsTest, AConfidenceThatIsNoneDoesNoHarm) {
  for (const float confidence : {std::numeric_limits<float>::quiet_NaN(), -1.0F, 7.0F}) {
    metrics_.model(0).Answered(0, confidence, 0, true);
  }
  const auto values = Values();
  EXPECT_EQ(values.at("digits_confidence_ratio_sum{model=\"best\"}"), 1);
  EXPECT_EQ(values.at("digits_confidence_ratio_count{model=\"best\"}"), 3);
}

TEST_F(MetricsTest, InkIsTheMeanOfThePixels) {
  for (const uint32_t ink : {0U, kTenthOfInk, kTenthOfInk + 1, 10 * kTenthOfInk}) {
    metrics_.model(0).Answered(0, 1, ink, true);
  }
  const auto values = Values();
  const auto up_to = [&](const std::string& bound) {
    return values.at("digits_ink_ratio_bucket{model=\"best\",le=\"" + bound + "\"}");
  };
  EXPECT_EQ(up_to("0"), 1);
  EXPECT_EQ(up_to("0.075"), 1);
  EXPECT_EQ(up_to("0.1"), 2);
  EXPECT_EQ(up_to("0.125"), 3);
  EXPECT_EQ(up_to("0.75"), 3);
  EXPECT_EQ(up_to("+Inf"), 4);
  EXPECT_NEAR(values.at("digits_ink_ratio_sum{model=\"best\"}"), 1.2, 1e-5);
}

TEST_F(MetricsTest, PassesAreCountedBySizeAndTime) {
  metrics_.model(1).Ran(1, 1us, 25us);
  metrics_.model(1).Ran(3, 0ns, 26us);
  metrics_.model(1).Ran(128, 2ms, 1ms);
  const auto values = Values();
  const auto at = [&](const std::string& name, const std::string& bound) {
    return values.at(name + "_bucket{model=\"small\",le=\"" + bound + "\"}");
  };
  EXPECT_EQ(at("digits_pass_images", "1"), 1);
  EXPECT_EQ(at("digits_pass_images", "2"), 1);
  EXPECT_EQ(at("digits_pass_images", "4"), 2);
  EXPECT_EQ(at("digits_pass_images", "128"), 3);
  EXPECT_EQ(values.at("digits_pass_images_sum{model=\"small\"}"), 132);
  EXPECT_EQ(at("digits_pass_queue_seconds", "1e-06"), 2);
  EXPECT_EQ(at("digits_pass_queue_seconds", "0.001"), 2);
  EXPECT_EQ(at("digits_pass_queue_seconds", "0.0025"), 3);
  EXPECT_EQ(at("digits_pass_compute_seconds", "2.5e-05"), 1);
  EXPECT_EQ(at("digits_pass_compute_seconds", "5e-05"), 2);
  EXPECT_DOUBLE_EQ(values.at("digits_pass_compute_seconds_sum{model=\"small\"}"), 0.001051);
}

TEST_F(MetricsTest, WhatWaitsIsAskedForAtEachScrape) {
  EXPECT_THAT(metrics_.Text(), Not(HasSubstr("digits_images_waiting")));
  size_t waiting = 5;
  metrics_.SetQueues({.images = [&](size_t model) { return model == 1 ? waiting : 0; },
                      .pictures = [] { return 5; },
                      .batches = [] { return 7; }});
  EXPECT_THAT(Values(), Contains(Pair("digits_images_waiting{model=\"small\"}", 5)));
  waiting = 7;
  EXPECT_THAT(Values(), Contains(Pair("digits_images_waiting{model=\"small\"}", 7)));
  EXPECT_THAT(Values(), Contains(Pair("digits_images_waiting{model=\"best\"}", 0)));
  EXPECT_THAT(Values(), Contains(Pair("digits_pictures_waiting", 5)));
  EXPECT_THAT(Values(), Contains(Pair("digits_batches_waiting", 7)));
  metrics_.SetQueues({});
  EXPECT_THAT(metrics_.Text(), Not(HasSubstr("digits_images_waiting")));
}

TEST_F(MetricsTest, PicturesAreCounted) {
  metrics_.pictures().Normalized(2us);
  metrics_.pictures().Normalized(3ms);
  metrics_.pictures().Blank(1us);
  const auto values = Values();
  EXPECT_EQ(values.at("digits_pictures_normalized_total"), 2);
  EXPECT_EQ(values.at("digits_pictures_blank_total"), 1);
  EXPECT_EQ(values.at("digits_picture_normalize_seconds_count"), 3);
  EXPECT_EQ(values.at("digits_picture_normalize_seconds_bucket{le=\"1e-06\"}"), 1);
  EXPECT_DOUBLE_EQ(values.at("digits_picture_normalize_seconds_sum"), 0.003003);
}

TEST_F(MetricsTest, HttpRequestsAreCountedByRouteAndCode) {
  metrics_.route(1).Answered(200, 10us);
  metrics_.route(1).Answered(413, 20us);
  metrics_.route(0).Answered(200, 30us);
  const auto values = Values();
  EXPECT_EQ(values.at("digits_http_requests_total{route=\"/v1/classify\",code=\"200\"}"), 1);
  EXPECT_EQ(values.at("digits_http_requests_total{route=\"/v1/classify\",code=\"413\"}"), 1);
  EXPECT_EQ(values.at("digits_http_requests_total{route=\"/\",code=\"200\"}"), 1);
  EXPECT_EQ(values.at("digits_http_request_seconds_count{route=\"/v1/classify\"}"), 2);
  EXPECT_EQ(values.at("digits_http_request_seconds_bucket{route=\"/v1/classify\",le=\"1e-05\"}"),
            1);
}

TEST_F(MetricsTest, HttpCodesThatAreNotToldApartCountAsTheFirstOfTheirClass) {
  const std::map<int, std::string> shown = {{204, "200"}, {301, "200"}, {100, "200"}, {-1, "200"},
                                            {418, "400"}, {431, "400"}, {502, "500"}, {600, "500"}};
  std::map<std::string, double> expected;
  for (const auto& [code, as] : shown) {
    metrics_.route(0).Answered(code, 1ms);
    expected["digits_http_requests_total{route=\"/\",code=\"" + as + "\"}"] += 1;
  }
  const auto values = Values();
  for (const auto& [series, count] : expected) EXPECT_EQ(values.at(series), count) << series;
}

TEST_F(MetricsTest, TheProcessIsDescribed) {
  const auto values = Values();
  EXPECT_GT(values.at("process_start_time_seconds"), 1e9);
  EXPECT_GT(values.at("process_cpu_seconds_total"), 0);
  EXPECT_GT(values.at("process_resident_memory_bytes"), 1e6);
  EXPECT_GE(values.at("process_open_fds"), 1);
}

TEST_F(MetricsTest, NamesAreEscaped) {
  ModelDescription description = Describe("a \"model\"");
  description.class_names = {"back\\slash", "\u00e9"};
  const Metrics metrics({description}, {}, {}, 1);
  const auto values = ValuesOf(metrics.Text());
  const std::string model = R"(digits_answers_total{model="a \"model\"",label=)";
  EXPECT_THAT(values, Contains(Key(model + R"("back\\slash"})")));
  EXPECT_THAT(values, Contains(Key(model + "\"\u00e9\"}")));
}

// The text format: https://prometheus.io/docs/instrumenting/exposition_formats/, and the naming
// rules beside it.
TEST_F(MetricsTest, TheTextIsAsPrometheusAsksForIt) {
  metrics_.SetQueues({.images = [](size_t) { return 1; },
                      .pictures = [] { return 1; },
                      .batches = [] { return 1; }});
  for (int64_t time = 1; time < 20'000'000'000; time *= 3) {
    metrics_.rpc(0).Handled(absl::StatusCode::kOk, std::chrono::nanoseconds(time));
  }
  const std::string text = metrics_.Text();
  ASSERT_THAT(text, ::testing::EndsWith("\n"));

  static const std::regex kHelp(R"(# HELP ([a-z_]+) [A-Z].*\.)");
  static const std::regex kType(R"(# TYPE ([a-z_]+) (counter|gauge|histogram))");
  static const std::regex kSample(
      R"re(([a-z_]+?)(_bucket|_count|_sum)?(?:\{((?:[a-z_0-9]+="(?:[^"\\]|\\["\\n])*",?)+)\})? (\S+))re");
  std::string helped;
  std::string family;
  std::string type;
  std::vector<std::string> families;
  double last_bucket = 0;
  double count = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kHelp)) {
      helped = match[1];
    } else if (std::regex_match(line, match, kType)) {
      family = match[1];
      type = match[2];
      EXPECT_EQ(helped, family);
      EXPECT_THAT(families, Not(Contains(family)));
      families.push_back(family);
      EXPECT_EQ(type == "counter", family.ends_with("_total")) << family;
    } else {
      ASSERT_TRUE(std::regex_match(line, match, kSample)) << line;
      EXPECT_EQ(match[1], family) << line;
      EXPECT_EQ(match[2].matched, type == "histogram") << line;
      EXPECT_EQ(match[3].str().find("le=\"") != std::string::npos, match[2] == "_bucket") << line;
      const double value = std::stod(match[4]);
      EXPECT_GE(value, 0) << line;
      if (match[2] == "_count") {
        count = value;
        last_bucket = 0;
      } else if (match[2] == "_bucket") {
        EXPECT_GE(value, last_bucket) << line;
        last_bucket = value;
        if (line.find("le=\"+Inf\"") != std::string::npos) {
          EXPECT_EQ(value, count) << line;
        }
      }
    }
  }
  EXPECT_EQ(families.size(), 26U);
}

TEST_F(MetricsTest, ATallyCountsWhatItsAnswersWouldHaveCounted) {
  const auto count = [](auto& counting) {
    counting.Answered(0, 0.95F, kTenthOfInk, true);
    counting.Answered(1, 0.5F, 0, false);
    counting.Answered(1, 1.0F, 784 * 255, true);
  };
  Metrics one_by_one({metrics_.model(0).description()}, {}, {}, 1);
  count(one_by_one.model(0));
  Metrics together({metrics_.model(0).description()}, {}, {}, 1);
  {
    ModelMetrics::Tally tally(together.model(0));
    count(tally);
    EXPECT_EQ(together.model(0).answers(1), 0U);
  }
  EXPECT_EQ(together.model(0).answers(0), 1U);
  EXPECT_EQ(together.model(0).answers(1), 2U);
  EXPECT_EQ(together.model(0).not_digits(), 1U);
  EXPECT_EQ(together.model(0).confidence().Counts(), one_by_one.model(0).confidence().Counts());
  EXPECT_EQ(together.model(0).confidence().Sum(), one_by_one.model(0).confidence().Sum());
  EXPECT_EQ(together.model(0).ink().Counts(), one_by_one.model(0).ink().Counts());
  EXPECT_EQ(together.model(0).ink().Sum(), one_by_one.model(0).ink().Sum());
}

TEST_F(MetricsTest, AScrapeAfterManyThreadsHaveCountedHoldsExactlyWhatTheyDid) {
  constexpr int kThreads = 5;
  constexpr int kCalls = 2000;
  std::atomic<bool> done = false;
  std::thread scraping([&] {
    while (!done) EXPECT_FALSE(metrics_.Text().empty());
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < kCalls; ++j) {
        metrics_.rpc(0).Started();
        metrics_.model(0).Answered(static_cast<size_t>(j % 2), 0.5F, kTenthOfInk, j % 4 != 0);
        metrics_.model(0).Ran(4, 1us, 1us);
        metrics_.rpc(0).Handled(i == 0 ? absl::StatusCode::kCancelled : absl::StatusCode::kOk, 7us);
        metrics_.pictures().Blank(1us);
        metrics_.route(0).Answered(200, 1us);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  done = true;
  scraping.join();

  const auto values = Values();
  const std::string rpc = Rpc("unary", "Classify");
  constexpr double kAll = kThreads * kCalls;
  EXPECT_EQ(values.at("grpc_server_started_total{" + rpc + "}"), kAll);
  EXPECT_EQ(values.at("grpc_server_handled_total{" + rpc + ",grpc_code=\"OK\"}"), kAll * 4 / 5);
  EXPECT_EQ(values.at("grpc_server_handled_total{" + rpc + ",grpc_code=\"Canceled\"}"), kAll / 5);
  EXPECT_EQ(values.at("grpc_server_handling_seconds_count{" + rpc + "}"), kAll);
  EXPECT_DOUBLE_EQ(values.at("grpc_server_handling_seconds_sum{" + rpc + "}"), kAll * 7e-6);
  EXPECT_EQ(values.at("digits_answers_total{model=\"best\",label=\"zero\"}"), kAll / 2);
  EXPECT_EQ(values.at("digits_answers_total{model=\"best\",label=\"one\"}"), kAll / 2);
  EXPECT_EQ(values.at("digits_not_digits_total{model=\"best\"}"), kAll / 4);
  EXPECT_EQ(values.at("digits_confidence_ratio_sum{model=\"best\"}"), kAll / 2);
  EXPECT_DOUBLE_EQ(values.at("digits_ink_ratio_sum{model=\"best\"}"), kAll / 10);
  EXPECT_EQ(values.at("digits_pass_images_sum{model=\"best\"}"), kAll * 4);
  EXPECT_EQ(values.at("digits_pictures_blank_total"), kAll);
  EXPECT_EQ(values.at("digits_http_requests_total{route=\"/\",code=\"200\"}"), kAll);
}

}  // namespace
}  // namespace digits
