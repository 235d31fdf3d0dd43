// The load generator against a server whose delays are known.
#include "client/load_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "client/load_report.h"
#include "digits/v1/digits.grpc.pb.h"
#include "nlohmann/json.hpp"
#include "server/image/image.h"
#include "tests/client/fake_server.h"

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using std::chrono_literals::operator""ms;

// Answers each call after a time, and every other one with an error where it is told to.
class SlowService final : public FakeService {
 public:
  grpc::Status Classify(grpc::ServerContext* /*context*/, const v1::ClassifyRequest* request,
                        v1::ClassifyResponse* /*response*/) override {
    EXPECT_EQ(request->pixels().size(), kImagePixels);
    const int now = ++under_way;
    int most = most_under_way;
    while (now > most && !most_under_way.compare_exchange_weak(most, now)) continue;
    std::this_thread::sleep_for(delay);
    --under_way;
    const bool fail = failing && ++calls % 2 == 0;
    return fail ? grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "full") : grpc::Status::OK;
  }

  grpc::Status ClassifyStream(
      grpc::ServerContext* /*context*/,
      grpc::ServerReaderWriter<v1::ClassifyStreamResponse, v1::ClassifyStreamRequest>* stream)
      override {
    v1::ClassifyStreamRequest request;
    for (int i = 0; stream->Read(&request); ++i) {
      v1::ClassifyStreamResponse response;
      response.set_id(request.id());
      if (failing && i == 3) return {grpc::StatusCode::UNAVAILABLE, "enough"};
      response.mutable_response()->set_label(1);
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

  std::chrono::milliseconds delay{0};
  bool failing = false;
  std::atomic<int> calls = 0;
  std::atomic<int> under_way = 0;
  std::atomic<int> most_under_way = 0;
};

class LoadGeneratorTest : public ::testing::Test {
 protected:
  LoadResult Run(LoadOptions options) {
    options.warm_up = std::chrono::milliseconds(50);
    options.duration = std::chrono::milliseconds(400);
    auto result = GenerateLoad({.server = server_.address()}, options, CountingPixels(3));
    EXPECT_TRUE(result.ok()) << result.status();
    return *std::move(result);
  }

  SlowService service_;
  FakeServer server_{service_};
};

TEST_F(LoadGeneratorTest, AClosedLoopKeepsSoManyCallsUnderWay) {
  service_.delay = 10ms;
  const LoadResult result = Run({.connections = 2, .in_flight = 3, .threads = 2});
  EXPECT_EQ(service_.most_under_way, 6);
  EXPECT_GE(result.answered.Quantile(0), 10ms);
  EXPECT_GT(result.answered_in_time, 6U);
  // Six calls at a time of 10 ms each.
  EXPECT_LE(result.answered_in_time, 6U * 41);
  EXPECT_THAT(result.codes, ElementsAre(Pair(grpc::StatusCode::OK, result.answered.count())));
}

TEST_F(LoadGeneratorTest, AnOpenLoopBeginsCallsAtItsRateAndHidesNoStall) {
  service_.delay = 100ms;
  const LoadResult result = Run({.in_flight = 1, .rate = 100});
  // Of 40 calls, one each 10 ms, all count; the server takes 100 ms for each, one after another:
  // the last one begins 4 s after its time.
  EXPECT_EQ(result.answered.count(), 40U);
  EXPECT_GE(result.answered.max(), 3000ms);
}

TEST_F(LoadGeneratorTest, FailuresAreCountedByTheirCodeAndMeasuredApart) {
  service_.failing = true;
  const LoadResult result = Run({.in_flight = 2});
  EXPECT_EQ(result.failed.count(), result.codes.at(grpc::StatusCode::RESOURCE_EXHAUSTED));
  EXPECT_NEAR(static_cast<double>(result.failed.count()),
              static_cast<double>(result.answered.count()), 4);
}

TEST_F(LoadGeneratorTest, BatchesHoldSoManyImages) {
  const LoadResult result = Run({.kind = LoadKind::kBatch, .batch = 7, .in_flight = 2});
  EXPECT_GT(result.answered.count(), 0U);
  EXPECT_EQ(result.images_a_call, 7U);
  EXPECT_THAT(service_.batches(), ::testing::Each(7U));
}

TEST_F(LoadGeneratorTest, MessagesOfStreamsAreMeasuredOneByOne) {
  const LoadResult result = Run({.kind = LoadKind::kStream, .connections = 2, .in_flight = 5});
  EXPECT_GT(result.answered.count(), 10U);
  EXPECT_EQ(result.codes.size(), 1U);
}

TEST_F(LoadGeneratorTest, AStreamThatEndsFailsWhatItHasNotAnsweredAndIsBegunAnew) {
  service_.failing = true;
  const LoadResult result = Run({.kind = LoadKind::kStream, .in_flight = 5});
  EXPECT_GT(result.codes.at(grpc::StatusCode::UNAVAILABLE), 1U);
  EXPECT_GT(result.codes.at(grpc::StatusCode::OK), 3U);
}

TEST_F(LoadGeneratorTest, NoServerIsAnError) {
  const auto result = GenerateLoad({.server = "127.0.0.1:1"}, {}, CountingPixels(1));
  EXPECT_EQ(result.status().code(), absl::StatusCode::kUnavailable);
}

TEST(LoadReportTest, JsonHasRatesCodesAndPercentiles) {
  LoadResult result;
  for (int i = 1; i <= 100; ++i) result.answered.Add(std::chrono::microseconds(i));
  result.failed.Add(std::chrono::microseconds(7));
  result.codes = {{grpc::StatusCode::OK, 100}, {grpc::StatusCode::RESOURCE_EXHAUSTED, 1}};
  result.answered_in_time = 90;
  result.duration = std::chrono::seconds(2);
  result.images_a_call = 10;
  std::ostringstream out;
  WriteLoadJson({.kind = LoadKind::kBatch, .rate = 50}, result, out);
  const auto json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["call"], "batch");
  EXPECT_EQ(json["rate"], 50);
  EXPECT_EQ(json["calls_per_second"], 45);
  EXPECT_EQ(json["images_per_second"], 450);
  EXPECT_EQ(json["codes"], (nlohmann::json{{"OK", 100}, {"RESOURCE_EXHAUSTED", 1}}));
  EXPECT_NEAR(json["latency_us"]["p50"], 50, 1);
  EXPECT_NEAR(json["latency_us"]["p99.9"], 100, 0.01);
  EXPECT_EQ(json["failed_latency_us"]["count"], 1);
}

TEST(LoadReportTest, TheTableDrawsWhereTheLatenciesLie) {
  LoadResult result;
  for (int i = 0; i < 4; ++i) result.answered.Add(std::chrono::microseconds(50));
  result.answered.Add(std::chrono::milliseconds(3));
  result.codes = {{grpc::StatusCode::OK, 5}};
  result.answered_in_time = 5;
  result.duration = std::chrono::seconds(1);
  std::ostringstream out;
  WriteLoadTable({}, result, out);
  EXPECT_EQ(out.str(),
            "1 x 64 unary for 1 s: 5 calls/s\n"
            "p50 50.2 us, p90 3 ms, p99 3 ms, p99.9 3 ms, max 3 ms\n"
            "  to  63.1 us ######################################## 4\n"
            "  to  3.98 ms ##########                               1\n");
}

}  // namespace
}  // namespace digits
