#include "client/remote_classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <optional>
#include <random>
#include <thread>

#include "digits/internal/error_details.pb.h"
#include "server/image/image.h"
#include "tests/client/fake_server.h"

namespace digits {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

constexpr auto kPause = std::chrono::milliseconds(300);

grpc::Status Unavailable() { return {grpc::StatusCode::UNAVAILABLE, "restarting"}; }

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// All of it: connecting, asking about the model, classifying.
absl::StatusOr<Answers> Classify(const std::string& address, const std::vector<uint8_t>& pixels,
                                 const ClassifyOptions& options = {}, double seconds = 10) {
  absl::StatusOr<Connection> connection =
      Connection::Open({.server = address, .timeout = std::chrono::duration<double>(seconds)});
  if (!connection.ok()) return connection.status();
  absl::StatusOr<RemoteClassifier> classifier = RemoteClassifier::Open(*connection, options);
  if (!classifier.ok()) return classifier.status();
  return classifier->Classify(pixels);
}

void ExpectCounting(const absl::StatusOr<Answers>& answers, size_t n) {
  ASSERT_TRUE(answers.ok()) << answers.status();
  ASSERT_EQ(answers->labels.size(), n);
  ASSERT_EQ(answers->confidences.size(), n);
  ASSERT_EQ(answers->digit_scores.size(), n);
  for (size_t i = 0; i < n; ++i) {
    ASSERT_EQ(answers->labels[i], i % 10) << "image " << i;
    ASSERT_FLOAT_EQ(answers->confidences[i], static_cast<float>(255 - i % 100) / 255);
    ASSERT_EQ(answers->digit_scores[i], static_cast<float>(i % 256) / 4);
  }
}

TEST(RemoteClassifierTest, AnswersEachImageInOrder) {
  FakeService service;
  const FakeServer server(service);
  ExpectCounting(Classify(server.address(), CountingPixels(2345)), 2345);
  EXPECT_THAT(service.batches(), ::testing::UnorderedElementsAre(1000, 1000, 345));
}

TEST(RemoteClassifierTest, AnswersNoImagesWithoutACall) {
  FakeService service;
  const FakeServer server(service);
  ExpectCounting(Classify(server.address(), {}), 0);
  EXPECT_THAT(service.batches(), SizeIs(0));
}

TEST(RemoteClassifierTest, KeepsTheOrderWhenAnswersOvertakeEachOther) {
  FakeService service;
  service.before = [](int call, const v1::ClassifyBatchRequest&) {
    std::minstd_rand random(static_cast<unsigned>(call) + 1);
    random.discard(3);
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 20));
    return grpc::Status::OK;
  };
  const FakeServer server(service);
  ExpectCounting(Classify(server.address(), CountingPixels(500), {.batch = 7, .in_flight = 16}),
                 500);
}

TEST(RemoteClassifierTest, KeepsAsManyCallsInFlightAsAsked) {
  FakeService service;
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  service.before = [&](int, const v1::ClassifyBatchRequest&) {
    const int in_flight = ++now;
    int seen = most;
    while (seen < in_flight && !most.compare_exchange_weak(seen, in_flight)) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    --now;
    return grpc::Status::OK;
  };
  const FakeServer server(service);
  ExpectCounting(Classify(server.address(), CountingPixels(30), {.batch = 1, .in_flight = 3}), 30);
  EXPECT_EQ(most, 3);
}

TEST(RemoteClassifierTest, SendsNoBatchLargerThanTheModelTakes) {
  FakeService service;
  service.model.set_max_batch_images(4);
  const FakeServer server(service);
  ExpectCounting(Classify(server.address(), CountingPixels(10)), 10);
  EXPECT_THAT(service.batches(), Each(Le(4)));
}

TEST(RemoteClassifierTest, TellsHowManyImagesAreDone) {
  FakeService service;
  const FakeServer server(service);
  const absl::StatusOr<Connection> connection = Connection::Open({.server = server.address()});
  ASSERT_TRUE(connection.ok());
  const auto classifier = RemoteClassifier::Open(*connection, {.batch = 10, .in_flight = 1});
  ASSERT_TRUE(classifier.ok());
  std::vector<size_t> done;
  ASSERT_TRUE(
      classifier->Classify(CountingPixels(25), [&done](size_t n) { done.push_back(n); }).ok());
  EXPECT_THAT(done, ElementsAre(10, 20, 25));
}

TEST(RemoteClassifierTest, GivesProbabilitiesWhereAsked) {
  FakeService service;
  const FakeServer server(service);
  const auto answers =
      Classify(server.address(), CountingPixels(25), {.batch = 10, .probabilities = true});
  ExpectCounting(answers, 25);
  ASSERT_THAT(answers->probabilities, SizeIs(250));
  for (size_t i = 0; i < 25; ++i) {
    EXPECT_FLOAT_EQ(answers->probabilities[i * 10 + i % 10], answers->confidences[i]);
  }
}

TEST(RemoteClassifierTest, TakesAnswersOfServersThatKnowNoDigitScores) {
  FakeService service;
  service.after = [](v1::ClassifyBatchResponse& response) { response.clear_digit_scores(); };
  const FakeServer server(service);
  const auto answers = Classify(server.address(), CountingPixels(25), {.batch = 10});
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_THAT(answers->labels, SizeIs(25));
  EXPECT_THAT(answers->digit_scores, IsEmpty());
}

TEST(RemoteClassifierTest, GivesNoDigitScoresWhereOnlySomeAnswersHaveThem) {
  FakeService service;
  std::atomic<int> calls = 0;
  service.after = [&calls](v1::ClassifyBatchResponse& response) {
    if (calls++ == 1) response.clear_digit_scores();
  };
  const FakeServer server(service);
  const auto answers =
      Classify(server.address(), CountingPixels(30), {.batch = 10, .in_flight = 1});
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_THAT(answers->labels, SizeIs(30));
  EXPECT_THAT(answers->digit_scores, IsEmpty());
}

TEST(RemoteClassifierTest, RefusesAModelWhoseDigitThresholdIsNoNumber) {
  FakeService service;
  service.model.set_digit_threshold(NAN);
  const FakeServer server(service);
  const auto answers = Classify(server.address(), CountingPixels(1));
  EXPECT_EQ(answers.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Message(answers.status()),
            "the server at " + server.address() +
                " gives its model 'fake' a digit threshold that is no number");
  EXPECT_THAT(service.batches(), SizeIs(0));
}

TEST(RemoteClassifierTest, NamesAllVersionsThatAnswered) {
  FakeService service;
  std::atomic<int> calls = 0;
  service.after = [&calls](v1::ClassifyBatchResponse& response) {
    response.set_version(calls++ == 0 ? "aaa" : "bbb");
  };
  const FakeServer server(service);
  const auto answers = Classify(server.address(), CountingPixels(30), {.batch = 10});
  ASSERT_TRUE(answers.ok());
  EXPECT_THAT(answers->versions, ElementsAre("aaa", "bbb"));
}

TEST(RemoteClassifierTest, SendsAgainWhatFailedWithUnavailable) {
  FakeService service;
  service.before = [](int call, const v1::ClassifyBatchRequest&) {
    return call < 3 ? Unavailable() : grpc::Status::OK;
  };
  const FakeServer server(service);
  ExpectCounting(Classify(server.address(), CountingPixels(20), {.batch = 10}), 20);
  EXPECT_THAT(service.batches(), SizeIs(5));
}

TEST(RemoteClassifierTest, SendsLargeBatchesAgainToo) {
  FakeService service;
  service.before = [](int call, const v1::ClassifyBatchRequest&) {
    return call == 0 ? Unavailable() : grpc::Status::OK;
  };
  const FakeServer server(service);
  ExpectCounting(Classify(server.address(), CountingPixels(32768), {.batch = 32768}), 32768);
  EXPECT_THAT(service.batches(), ElementsAre(32768, 32768));
}

TEST(RemoteClassifierTest, GivesUpAfterFiveAttempts) {
  FakeService service;
  service.before = [](int, const v1::ClassifyBatchRequest&) { return Unavailable(); };
  const FakeServer server(service);
  const auto answers = Classify(server.address(), CountingPixels(1));
  EXPECT_EQ(answers.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Message(answers.status()), AllOf(HasSubstr(server.address()), HasSubstr("restarting"),
                                               HasSubstr("(UNAVAILABLE)")));
  EXPECT_THAT(service.batches(), SizeIs(5));
}

TEST(RemoteClassifierTest, OutlivesAServerThatGoesAwayAndComesBack) {
  // As digits-server does, it turns calls away before it goes: gRPC's own shutdown would end those
  // that arrive meanwhile with CANCELLED.
  constexpr int kInFlight = 4;
  FakeService service;
  std::atomic<int> calls = 0;
  std::atomic<int> turned_away = 0;
  std::atomic<bool> going = false;
  service.before = [&](int, const v1::ClassifyBatchRequest&) {
    ++calls;
    if (going) {
      ++turned_away;
      return Unavailable();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return grpc::Status::OK;
  };
  std::optional<FakeServer> server;
  server.emplace(service);
  const int port = server->port();
  std::thread restart([&] {
    while (calls < 20) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    going = true;
    while (turned_away < kInFlight) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    server.reset();
    std::this_thread::sleep_for(kPause);
    going = false;
    server.emplace(service, port);
  });
  const auto answers = Classify("127.0.0.1:" + std::to_string(port), CountingPixels(500),
                                {.batch = 5, .in_flight = kInFlight});
  restart.join();
  ExpectCounting(answers, 500);
}

TEST(RemoteClassifierTest, DoesNotSendAgainWhatTheServerRefused) {
  FakeService service;
  service.before = [](int, const v1::ClassifyBatchRequest&) {
    internal::BadRequest bad_request;
    bad_request.add_field_violations()->set_field("pixels");
    internal::Status details;
    google::protobuf::Any& detail = *details.add_details();
    detail.set_type_url("type.googleapis.com/google.rpc.BadRequest");
    detail.set_value(bad_request.SerializeAsString());
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "too gray",
                        details.SerializeAsString());
  };
  const FakeServer server(service);
  const auto answers = Classify(server.address(), CountingPixels(1));
  EXPECT_EQ(answers.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Message(answers.status()), "the server at " + server.address() +
                                           " answered: too gray (INVALID_ARGUMENT, field pixels)");
  EXPECT_THAT(service.batches(), SizeIs(1));
}

TEST(RemoteClassifierTest, StopsAtTheFirstFailedCall) {
  FakeService service;
  service.before = [](int call, const v1::ClassifyBatchRequest&) {
    return call == 5 ? grpc::Status(grpc::StatusCode::INTERNAL, "broken") : grpc::Status::OK;
  };
  const FakeServer server(service);
  const auto answers =
      Classify(server.address(), CountingPixels(100), {.batch = 1, .in_flight = 2});
  EXPECT_EQ(answers.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(service.batches(), SizeIs(Le(8U)));
}

TEST(RemoteClassifierTest, SaysThatTheServerTookTooLong) {
  FakeService service;
  service.before = [](int, const v1::ClassifyBatchRequest&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    return grpc::Status::OK;
  };
  const FakeServer server(service);
  const auto answers = Classify(server.address(), CountingPixels(1), {}, /*seconds=*/0.2);
  EXPECT_EQ(answers.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Message(answers.status()),
            "the server at " + server.address() +
                " did not answer within 0.2 s; give it longer with --timeout (DEADLINE_EXCEEDED)");
}

TEST(RemoteClassifierTest, SaysThatThereIsNoSuchModel) {
  FakeService service;
  const FakeServer server(service);
  const auto answers = Classify(server.address(), CountingPixels(1), {.model = "other"});
  EXPECT_EQ(answers.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Message(answers.status()), HasSubstr("no model 'other'; there is 'fake'"));
}

TEST(RemoteClassifierTest, SaysThatNoServerAnswers) {
  FakeService service;
  int port = 0;
  { port = FakeServer(service).port(); }
  const std::string address = "127.0.0.1:" + std::to_string(port);
  const auto start = std::chrono::steady_clock::now();
  const auto answers = Classify(address, CountingPixels(1));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(answers.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Message(answers.status()),
            "no server answers at " + address +
                " (Connection refused); start one with digits-server or name one with --server");
}

TEST(RemoteClassifierTest, SaysThatAServersNameIsUnknown) {
  const auto answers = Classify("dns:///no-such-host.invalid:50051", CountingPixels(1));
  EXPECT_EQ(answers.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Message(answers.status()), HasSubstr("no-such-host.invalid:50051 ("));
}

// What a server that is not ours, or broken, may answer.
struct BrokenAnswer {
  std::string name;
  std::function<void(v1::ClassifyBatchResponse&)> damage;
  std::string error;
};

class BrokenAnswerTest : public ::testing::TestWithParam<BrokenAnswer> {};

TEST_P(BrokenAnswerTest, IsAnError) {
  FakeService service;
  service.after = GetParam().damage;
  const FakeServer server(service);
  const auto answers =
      Classify(server.address(), CountingPixels(3), {.batch = 3, .probabilities = true});
  EXPECT_EQ(answers.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Message(answers.status()), HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenAnswerTest,
    ::testing::Values(
        BrokenAnswer{"LabelMissing", [](auto& r) { r.mutable_labels()->RemoveLast(); }, "2 labels"},
        BrokenAnswer{"LabelTooMany", [](auto& r) { r.add_labels(1); }, "4 labels"},
        BrokenAnswer{"ConfidenceMissing", [](auto& r) { r.clear_confidences(); }, "0 confidences"},
        BrokenAnswer{"ProbabilityMissing", [](auto& r) { r.mutable_probabilities()->RemoveLast(); },
                     "29 probabilities"},
        BrokenAnswer{"DigitScoreMissing", [](auto& r) { r.mutable_digit_scores()->RemoveLast(); },
                     "2 digit scores"},
        BrokenAnswer{"DigitScoreTooMany", [](auto& r) { r.add_digit_scores(1); }, "4 digit scores"},
        BrokenAnswer{"DigitScoreThatIsNoNumber", [](auto& r) { r.set_digit_scores(2, NAN); },
                     "digit scores that are no numbers"},
        BrokenAnswer{"DigitScoreWithoutEnd", [](auto& r) { r.set_digit_scores(0, -INFINITY); },
                     "digit scores that are no numbers"},
        BrokenAnswer{"ConfidenceThatIsNoNumber", [](auto& r) { r.set_confidences(1, NAN); },
                     "no numbers"},
        BrokenAnswer{"ProbabilityThatIsNoNumber",
                     [](auto& r) { r.set_probabilities(29, INFINITY); }, "no numbers"},
        BrokenAnswer{"UnknownClass", [](auto& r) { r.set_labels(1, 10); }, "label 10 of 10"}),
    [](const auto& broken) { return broken.param.name; });

}  // namespace
}  // namespace digits
