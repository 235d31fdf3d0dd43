// Batches over the network: how many are in hand at once, and what the others meet.
#include "server/service/batch_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "digits/internal/health.grpc.pb.h"
#include "digits/v1/digits.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "server/service/server.h"
#include "tests/server/service/raw_call.h"
#include "tests/server/service/service_test_base.h"

namespace digits {
namespace {

using std::chrono::system_clock;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr char kMethod[] = "/digits.v1.DigitClassifier/ClassifyBatch";

std::string BatchBytes(size_t images, bool probabilities = false) {
  v1::ClassifyBatchRequest request;
  request.set_pixels(std::string(images * kImagePixels, '\0'));
  request.set_probabilities(probabilities);
  return request.SerializeAsString();
}

class BatchCallTest : public ::testing::Test {
 protected:
  void Start(const BatchLimits& limits) {
    auto classifier = std::make_unique<FakeClassifier>([this](size_t images) {
      if (on_classify_ != nullptr) on_classify_(images);
      computed_ += images;
    });
    ASSERT_TRUE(models_.Add(MakeFakeModel("article", std::move(classifier))).ok());
    auto server = Server::Start(
        {.listen = "127.0.0.1:0", .service = {.threads = 2, .batches = limits}}, models_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    stub_ = v1::DigitClassifier::NewStub(channel_);
  }

  grpc::Status ClassifyBatch(size_t images, std::chrono::milliseconds time = kPatience) const {
    grpc::ClientContext context;
    context.set_deadline(system_clock::now() + time);
    v1::ClassifyBatchRequest request;
    request.set_pixels(std::string(images * kImagePixels, '\0'));
    v1::ClassifyBatchResponse response;
    return stub_->ClassifyBatch(&context, request, &response);
  }

  // A batch of one image that is being computed, and so has a slot, until Release().
  std::future<grpc::Status> Hold() {
    on_classify_ = [this](size_t /*images*/) {
      if (held_.test_and_set()) return;
      entered_.set_value();
      released_.wait_for(kPatience);
    };
    auto call = std::async(std::launch::async, [this] { return ClassifyBatch(1); });
    EXPECT_EQ(entered_.get_future().wait_for(kPatience), std::future_status::ready);
    return call;
  }
  void Release() { release_.set_value(); }

  std::atomic_flag held_;
  std::promise<void> entered_;
  std::promise<void> release_;
  std::shared_future<void> released_{release_.get_future()};
  std::function<void(size_t)> on_classify_;
  std::atomic<size_t> computed_ = 0;  // images
  ModelRegistry models_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::DigitClassifier::Stub> stub_;
};

TEST_F(BatchCallTest, ABatchWaitsForASlotAndIsThenAnswered) {
  Start({.slots = 1});
  auto first = Hold();
  auto second = std::async(std::launch::async, [this] { return ClassifyBatch(3); });
  EXPECT_EQ(second.wait_for(300ms), std::future_status::timeout);
  EXPECT_EQ(computed_, 0U);
  Release();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
  EXPECT_EQ(computed_, 4U);
}

TEST_F(BatchCallTest, WhatWaitsIsNotReadButHeldBackAtTheClient) {
  Start({.slots = 1});
  auto first = Hold();
  RawCall second(channel_, kMethod);
  auto written = std::async(std::launch::async,
                            [&] { return second.Write(BatchBytes(kDefaultMaxBatchImages)); });
  EXPECT_EQ(written.wait_for(500ms), std::future_status::timeout);
  Release();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(written.get());
  EXPECT_TRUE(second.WritesDone());
  EXPECT_FALSE(second.Read().empty());
  EXPECT_TRUE(second.Finish().ok());
}

TEST_F(BatchCallTest, AFailedBatchGivesItsSlotBack) {
  Start({.slots = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ClassifyBatch(0).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    RawCall without_a_request(channel_, kMethod);
    EXPECT_TRUE(without_a_request.WritesDone());
    EXPECT_EQ(without_a_request.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  }
  EXPECT_TRUE(ClassifyBatch(1).ok());
}

TEST_F(BatchCallTest, ARequestThatDoesNotArriveGivesItsSlotUpInTime) {
  Start({.slots = 1, .transfer_time = 2s});
  RawCall silent(channel_, kMethod);
  EXPECT_EQ(silent.Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(ClassifyBatch(1).ok());
}

TEST_F(BatchCallTest, AnAnswerThatNobodyReadsGivesItsSlotUpInTime) {
  Start({.slots = 1, .transfer_time = 5s});
  // Its window stays at HTTP/2's 64 KiB, which the answer does not fit into.
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  RawCall deaf(
      grpc::CreateCustomChannel(server_->address(), grpc::InsecureChannelCredentials(), arguments),
      kMethod);
  EXPECT_TRUE(deaf.Write(BatchBytes(4096, /*probabilities=*/true)));
  EXPECT_TRUE(deaf.WritesDone());
  EXPECT_EQ(ClassifyBatch(1, 1s).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(ClassifyBatch(1).ok());
}

TEST_F(BatchCallTest, TheTimesForTransfersDoNotCountComputing) {
  on_classify_ = [](size_t /*images*/) { std::this_thread::sleep_for(3s); };
  Start({.slots = 1, .transfer_time = 2s});
  EXPECT_TRUE(ClassifyBatch(1).ok());
}

TEST_F(BatchCallTest, AShutdownAnswersThoseThatWait) {
  Start({.slots = 1});
  auto first = Hold();
  auto second = std::async(std::launch::async, [this] { return ClassifyBatch(1); });
  EXPECT_EQ(second.wait_for(300ms), std::future_status::timeout);
  auto shutdown = std::async(std::launch::async, [this] { return server_->Shutdown(kPatience); });
  EXPECT_EQ(second.wait_for(300ms), std::future_status::timeout);
  Release();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
  EXPECT_TRUE(shutdown.get());
  EXPECT_EQ(computed_, 2U);
}

TEST_F(BatchCallTest, AShutdownThatRunsOutOfTimeTurnsAwayThoseThatWait) {
  Start({.slots = 1});
  auto first = Hold();
  auto second = std::async(std::launch::async, [this] { return ClassifyBatch(1); });
  EXPECT_EQ(second.wait_for(300ms), std::future_status::timeout);
  auto shutdown = std::async(std::launch::async, [this] { return server_->Shutdown(200ms); });
  EXPECT_EQ(second.get().error_code(), grpc::StatusCode::UNAVAILABLE);
  Release();
  EXPECT_FALSE(shutdown.get());
  EXPECT_EQ(computed_, 1U);
}

TEST_F(BatchCallTest, HealthAndSingleImagesAreAnsweredWhileBatchesCompute) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  on_classify_ = [released](size_t images) {
    if (images > 1) released.wait_for(kPatience);
  };
  Start({});
  std::vector<std::future<grpc::Status>> batches;
  // More than there are slots and threads.
  for (int i = 0; i < 20; ++i) {
    batches.push_back(std::async(std::launch::async, [this] { return ClassifyBatch(2); }));
  }
  std::this_thread::sleep_for(300ms);
  const auto health = grpc::health::v1::Health::NewStub(channel_);
  for (int i = 0; i < 50; ++i) {
    grpc::ClientContext health_context;
    health_context.set_deadline(system_clock::now() + 5s);
    grpc::health::v1::HealthCheckResponse served;
    EXPECT_TRUE(health->Check(&health_context, {}, &served).ok());
    grpc::ClientContext context;
    context.set_deadline(system_clock::now() + 5s);
    v1::ClassifyRequest request;
    request.set_pixels(Image28(1));
    v1::ClassifyResponse response;
    EXPECT_TRUE(stub_->Classify(&context, request, &response).ok());
  }
  EXPECT_EQ(computed_, 50U);
  release.set_value();
  for (std::future<grpc::Status>& batch : batches) EXPECT_TRUE(batch.get().ok());
  EXPECT_EQ(computed_, 90U);
}

}  // namespace
}  // namespace digits
