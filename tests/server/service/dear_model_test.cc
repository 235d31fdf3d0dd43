// A model whose passes take long: who computes it, and what happens when too much is asked of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "digits/internal/error_details.pb.h"
#include "digits/internal/health.grpc.pb.h"
#include "digits/v1/digits.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "server/service/server.h"
#include "tests/server/engine/fake_classifier.h"

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using std::chrono_literals::operator""ms;

constexpr std::chrono::seconds kPatience{30};

std::unique_ptr<grpc::ClientContext> Context() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(std::chrono::system_clock::now() + kPatience);
  return context;
}

v1::ClassifyRequest RequestOf(uint8_t first_pixel) {
  v1::ClassifyRequest request;
  request.set_pixels(Image28(first_pixel));
  return request;
}

// With a dark upright bar on it.
v1::ClassifyRequest RequestOfPicture(uint32_t side) {
  v1::ClassifyRequest request;
  request.mutable_picture()->set_width(side);
  request.mutable_picture()->set_height(side);
  std::string& pixels = *request.mutable_picture()->mutable_pixels();
  pixels.assign(size_t{side} * side, '\xf0');
  for (uint32_t y = side / 4; y < side / 4 * 3; ++y)
    pixels.replace(size_t{y} * side + side / 2, side / 8, side / 8, '\x20');
  return request;
}

class DearModelTest : public ::testing::Test {
 protected:
  // Passes of 8 images that take 20 ms, on one thread; the first one until Release(). 16 may wait.
  DearModelTest() {
    auto classifier = std::make_unique<FakeClassifier>([this](size_t images) {
      {
        const std::lock_guard lock(mutex_);
        passes_.push_back(images);
      }
      if (!begun_.exchange(true)) released_.wait_for(kPatience);
    });
    classifier->images_a_pass = 8;
    classifier->time_of_a_pass = 20ms;
    EXPECT_TRUE(models_.Add(MakeFakeModel("dear", std::move(classifier))).ok());
    auto server = Server::Start(
        {.listen = "127.0.0.1:0", .service = {.threads = 1, .max_waiting = 16}}, models_);
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    stub_ = v1::DigitClassifier::NewStub(channel_);
  }
  ~DearModelTest() override { Release(); }

  void Release() {
    if (!std::exchange(is_released_, true)) release_.set_value();
  }

  void WaitForAPass() const {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!begun_ && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(begun_);
  }

  // Many calls at once; their outcomes in the order of their ends.
  struct Outcome {
    int call;
    grpc::Status status;
    v1::ClassifyResponse response;
  };
  class Calls {
   public:
    // Call i is of an image of class i % 10, or of `request`.
    Calls(v1::DigitClassifier::Stub& stub, int count,
          const std::optional<v1::ClassifyRequest>& request = std::nullopt) {
      for (int i = 0; i < count; ++i) {
        auto& call = calls_.emplace_back(std::make_unique<Call>());
        call->outcome.call = i;
        call->context = Context();
        call->reader = stub.AsyncClassify(
            call->context.get(), request ? *request : RequestOf(static_cast<uint8_t>(i)), &queue_);
        call->reader->Finish(&call->outcome.response, &call->outcome.status, call.get());
      }
    }
    Outcome Next() {
      void* tag = nullptr;
      bool ok = false;
      queue_.Next(&tag, &ok);
      return static_cast<Call*>(tag)->outcome;
    }

   private:
    struct Call {
      Outcome outcome;
      std::unique_ptr<grpc::ClientContext> context;
      std::unique_ptr<grpc::ClientAsyncResponseReader<v1::ClassifyResponse>> reader;
    };
    grpc::CompletionQueue queue_;
    std::vector<std::unique_ptr<Call>> calls_;
  };

  std::promise<void> release_;
  std::shared_future<void> released_{release_.get_future()};
  bool is_released_ = false;
  std::atomic<bool> begun_ = false;
  std::mutex mutex_;
  std::vector<size_t> passes_;  // guarded by it
  ModelRegistry models_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::DigitClassifier::Stub> stub_;
};

TEST_F(DearModelTest, TurnsAwayAtOnceWhatMayNotWaitAndTellsWhenToComeAgain) {
  constexpr int kCalls = 60;
  Calls first(*stub_, 1);
  WaitForAPass();
  Calls calls(*stub_, kCalls);
  for (int i = 0; i < kCalls - 16; ++i) {
    const Outcome refused = calls.Next();
    ASSERT_EQ(refused.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    internal::Status details;
    internal::RetryInfo info;
    ASSERT_TRUE(details.ParseFromString(refused.status.error_details()));
    ASSERT_THAT(details.details(), SizeIs(1));
    EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.RetryInfo");
    ASSERT_TRUE(info.ParseFromString(details.details(0).value()));
    // For three passes.
    EXPECT_EQ(info.retry_delay().seconds(), 0);
    EXPECT_EQ(info.retry_delay().nanos(), 60'000'000);
  }
  Release();
  EXPECT_TRUE(first.Next().status.ok());
  for (int i = 0; i < 16; ++i) {
    const Outcome answered = calls.Next();
    ASSERT_TRUE(answered.status.ok()) << answered.status.error_message();
    EXPECT_EQ(answered.response.label(), static_cast<uint32_t>(answered.call % 10));
  }
  const std::lock_guard lock(mutex_);
  EXPECT_THAT(passes_, ElementsAre(1, 8, 8));
}

// One is in hand while sixteen wait.
TEST_F(DearModelTest, TurnsAwayPicturesThatMayNotWait) {
  Calls first(*stub_, 1);
  WaitForAPass();
  Calls calls(*stub_, 20, RequestOfPicture(100));
  for (int i = 0; i < 20 - 17; ++i) {
    EXPECT_EQ(calls.Next().status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  }
  Release();
  for (int i = 0; i < 17; ++i) EXPECT_TRUE(calls.Next().status.ok());
  EXPECT_TRUE(first.Next().status.ok());
}

// They may hold 32 MiB together.
TEST_F(DearModelTest, TurnsAwayPicturesWhoseMemoryIsTooMuch) {
  Calls first(*stub_, 1);
  WaitForAPass();
  Calls calls(*stub_, 9, RequestOfPicture(2048));
  for (int i = 0; i < 9 - 7; ++i) {
    EXPECT_EQ(calls.Next().status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  }
  Release();
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(calls.Next().status.ok());
  EXPECT_TRUE(first.Next().status.ok());
  Calls later(*stub_, 1, RequestOfPicture(2048));
  EXPECT_TRUE(later.Next().status.ok());
}

// Of 30 that are sent at once, some four are read, so that none is turned away.
TEST_F(DearModelTest, AStreamOfLargePicturesIsHeldBack) {
  Calls first(*stub_, 1);
  WaitForAPass();
  const auto context = Context();
  const auto stream = stub_->ClassifyStream(context.get());
  std::thread writer([&stream] {
    v1::ClassifyStreamRequest request;
    *request.mutable_request() = RequestOfPicture(1024);
    for (int i = 0; i < 30; ++i) EXPECT_TRUE(stream->Write(request));
    stream->WritesDone();
  });
  std::this_thread::sleep_for(200ms);  // for as many to arrive as do
  Release();
  v1::ClassifyStreamResponse response;
  int answers = 0;
  for (; stream->Read(&response); ++answers) EXPECT_FALSE(response.has_error());
  writer.join();
  EXPECT_EQ(answers, 30);
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(first.Next().status.ok());
}

TEST_F(DearModelTest, OtherCallsAreAnsweredMeanwhile) {
  Calls calls(*stub_, 1);
  WaitForAPass();
  const auto health = grpc::health::v1::Health::NewStub(channel_);
  for (int i = 0; i < 20; ++i) {
    grpc::health::v1::HealthCheckResponse health_response;
    EXPECT_TRUE(health->Check(Context().get(), {}, &health_response).ok());
    v1::ListModelsResponse response;
    EXPECT_TRUE(stub_->ListModels(Context().get(), {}, &response).ok());
  }
  Release();
  EXPECT_TRUE(calls.Next().status.ok());
}

TEST_F(DearModelTest, ACallerWhoseTimeIsOverCostsNoArithmetic) {
  Calls calls(*stub_, 1);
  WaitForAPass();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 50ms);
  v1::ClassifyResponse response;
  EXPECT_EQ(stub_->Classify(&context, RequestOf(1), &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  std::this_thread::sleep_for(100ms);  // for the server's clock to say so, too
  Release();
  EXPECT_TRUE(calls.Next().status.ok());
  EXPECT_TRUE(server_->Shutdown(kPatience));
  const std::lock_guard lock(mutex_);
  EXPECT_THAT(passes_, ElementsAre(1));
}

TEST_F(DearModelTest, MessagesOfAStreamShareItsPassesAndKeepTheirOrder) {
  constexpr uint8_t kMessages = 15;
  Calls first(*stub_, 1);
  WaitForAPass();
  const auto context = Context();
  const auto stream = stub_->ClassifyStream(context.get());
  for (uint8_t i = 0; i < kMessages; ++i) {
    v1::ClassifyStreamRequest request;
    request.set_id(i);
    // One of them is answered before its turn to be computed.
    *request.mutable_request() = i == 4 ? v1::ClassifyRequest() : RequestOf(i);
    EXPECT_TRUE(stream->Write(request));
  }
  std::this_thread::sleep_for(100ms);  // for the messages to arrive
  Release();
  for (uint8_t i = 0; i < kMessages; ++i) {
    v1::ClassifyStreamResponse response;
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.id(), i);
    EXPECT_EQ(response.has_error(), i == 4);
    EXPECT_EQ(response.response().label(), i == 4 ? 0 : i % 10U);
  }
  EXPECT_TRUE(stream->WritesDone());
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(first.Next().status.ok());
  const std::lock_guard lock(mutex_);
  EXPECT_THAT(passes_, ElementsAre(1, 8, 6));
}

TEST_F(DearModelTest, AnswersDoNotWaitForThoseBehindThem) {
  const auto context = Context();
  const auto stream = stub_->ClassifyStream(context.get());
  v1::ClassifyStreamRequest request;
  *request.mutable_request() = RequestOf(3);
  EXPECT_TRUE(stream->Write(request));
  WaitForAPass();
  EXPECT_TRUE(stream->Write({}));      // which is answered before the first one is
  std::this_thread::sleep_for(100ms);  // for it to arrive
  Release();
  v1::ClassifyStreamResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.response().label(), 3U);
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_TRUE(response.has_error());
}

TEST_F(DearModelTest, AMessageThatMayNotWaitIsAnErrorAndTheStreamGoesOn) {
  Calls first(*stub_, 1);
  WaitForAPass();
  Calls calls(*stub_, 16);
  std::this_thread::sleep_for(100ms);  // for the others to arrive
  const auto context = Context();
  const auto stream = stub_->ClassifyStream(context.get());
  v1::ClassifyStreamRequest request;
  *request.mutable_request() = RequestOf(3);
  v1::ClassifyStreamResponse response;
  EXPECT_TRUE(stream->Write(request));
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.error().code(), static_cast<int>(grpc::StatusCode::RESOURCE_EXHAUSTED));
  Release();
  EXPECT_TRUE(first.Next().status.ok());
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(calls.Next().status.ok());
  EXPECT_TRUE(stream->Write(request));
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.response().label(), 3U);
}

}  // namespace
}  // namespace digits
