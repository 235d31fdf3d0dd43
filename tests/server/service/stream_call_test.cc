#include "server/service/stream_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/service/raw_call.h"
#include "tests/server/service/service_test_base.h"

namespace digits {
namespace {

using ::testing::HasSubstr;

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

v1::ClassifyStreamRequest StreamRequest(uint64_t id, const std::string& pixels) {
  v1::ClassifyStreamRequest request;
  request.set_id(id);
  request.mutable_request()->set_pixels(pixels);
  return request;
}

class ClassifyStreamTest : public ServiceTestBase {
 protected:
  using ServiceTestBase::ServiceTestBase;

  // Sends a message and waits for its answer.
  v1::ClassifyStreamResponse Ask(const v1::ClassifyStreamRequest& request) {
    v1::ClassifyStreamResponse response;
    EXPECT_TRUE(stream_->Write(request));
    EXPECT_TRUE(stream_->Read(&response));
    return response;
  }

  void UseTcp() {
    EXPECT_TRUE(stream_->WritesDone());
    EXPECT_TRUE(stream_->Finish().ok());
    stub_ = v1::DigitClassifier::NewStub(tcp_channel_);
    context_ = Context();
    stream_ = stub_->ClassifyStream(context_.get());
  }

  std::unique_ptr<grpc::ClientContext> context_ = Context();
  std::unique_ptr<grpc::ClientReaderWriter<v1::ClassifyStreamRequest, v1::ClassifyStreamResponse>>
      stream_ = stub_->ClassifyStream(context_.get());
};

TEST_F(ClassifyStreamTest, AnswersComeInTheOrderOfTheRequestsWithTheirIds) {
  constexpr uint64_t kImages = 500;
  std::thread writer([this] {
    for (uint64_t i = 0; i < kImages; ++i) {
      EXPECT_TRUE(stream_->Write(StreamRequest(1000 - i, Image28(static_cast<uint8_t>(i % 256)))));
    }
    stream_->WritesDone();
  });
  v1::ClassifyStreamResponse response;
  uint64_t i = 0;
  for (; stream_->Read(&response); ++i) {
    EXPECT_EQ(response.id(), 1000 - i);
    EXPECT_EQ(response.response().label(), i % 256 % 10);
    EXPECT_EQ(response.response().digit_score(), static_cast<float>(i % 256) / 4);
    EXPECT_EQ(response.response().model(), "first");
  }
  writer.join();
  EXPECT_EQ(i, kImages);
  EXPECT_TRUE(stream_->Finish().ok());
}

TEST_F(ClassifyStreamTest, EachMessageIsAnsweredBeforeTheNextIsSent) {
  EXPECT_EQ(Ask(StreamRequest(1, Image28(5))).response().label(), 5U);
  EXPECT_EQ(Ask(StreamRequest(2, Image28(6))).response().label(), 6U);
}

TEST_F(ClassifyStreamTest, MessagesThatHaveArrivedShareAPass) {
  UseTcp();
  std::promise<void> computing;
  std::promise<void> all_sent;
  std::vector<size_t> passes;  // of the loop's thread
  on_classify_ = [&](size_t images) {
    passes.push_back(images);
    if (passes.size() > 1) return;
    computing.set_value();
    all_sent.get_future().wait();
  };
  EXPECT_TRUE(stream_->Write(StreamRequest(0, Image28(0))));
  computing.get_future().wait();
  for (uint64_t i = 1; i <= 8; ++i) {
    EXPECT_TRUE(stream_->Write(StreamRequest(i, Image28(static_cast<uint8_t>(i)))));
  }
  all_sent.set_value();
  v1::ClassifyStreamResponse response;
  for (uint64_t i = 0; i <= 8; ++i) {
    ASSERT_TRUE(stream_->Read(&response));
    EXPECT_EQ(response.response().label(), i);
  }
  stream_->WritesDone();
  EXPECT_TRUE(stream_->Finish().ok());
  EXPECT_LT(passes.size(), 9U);
}

TEST_F(ClassifyStreamTest, ABadImageInTheMiddleIsAnErrorAndTheStreamGoesOn) {
  EXPECT_EQ(Ask(StreamRequest(1, Image28(5))).response().label(), 5U);

  const v1::ClassifyStreamResponse bad = Ask(StreamRequest(2, std::string(783, '\0')));
  EXPECT_EQ(bad.id(), 2U);
  EXPECT_EQ(bad.error().code(), static_cast<int>(grpc::StatusCode::INVALID_ARGUMENT));
  EXPECT_EQ(bad.error().field(), "request.pixels");
  EXPECT_THAT(bad.error().message(), HasSubstr("783"));

  EXPECT_EQ(Ask(StreamRequest(3, Image28(6))).response().label(), 6U);
  stream_->WritesDone();
  EXPECT_TRUE(stream_->Finish().ok());
}

TEST_F(ClassifyStreamTest, AMessageWithoutRequestIsAnErrorThatNamesIt) {
  v1::ClassifyStreamRequest empty;
  empty.set_id(4);
  const v1::ClassifyStreamResponse response = Ask(empty);
  EXPECT_EQ(response.id(), 4U);
  EXPECT_EQ(response.error().code(), static_cast<int>(grpc::StatusCode::INVALID_ARGUMENT));
  EXPECT_EQ(response.error().field(), "request");
}

TEST_F(ClassifyStreamTest, AnUnknownModelIsAnErrorThatNamesIt) {
  v1::ClassifyStreamRequest request = StreamRequest(1, Image28(0));
  request.mutable_request()->set_model("third");
  const v1::ClassifyStreamResponse response = Ask(request);
  EXPECT_EQ(response.error().code(), static_cast<int>(grpc::StatusCode::NOT_FOUND));
  EXPECT_EQ(response.error().field(), "request.model");
}

TEST_F(ClassifyStreamTest, AMessageThatDoesNotParseIsAnErrorAndTheStreamGoesOn) {
  RawCall call(channel_, "/digits.v1.DigitClassifier/ClassifyStream");
  v1::ClassifyStreamResponse response;
  EXPECT_TRUE(call.Write("\x0a"));
  EXPECT_TRUE(response.ParseFromString(call.Read()));
  EXPECT_EQ(response.error().code(), static_cast<int>(grpc::StatusCode::INVALID_ARGUMENT));
  EXPECT_TRUE(call.Write(StreamRequest(1, Image28(8)).SerializeAsString()));
  EXPECT_TRUE(response.ParseFromString(call.Read()));
  EXPECT_EQ(response.response().label(), 8U);
}

TEST_F(ClassifyStreamTest, AStreamWithoutMessagesEndsWell) {
  stream_->WritesDone();
  v1::ClassifyStreamResponse response;
  EXPECT_FALSE(stream_->Read(&response));
  EXPECT_TRUE(stream_->Finish().ok());
}

// While a worker computes, the loop goes on hearing what comes: the cancellation, too.
class DearStreamTest : public ClassifyStreamTest {
 protected:
  DearStreamTest() : ClassifyStreamTest(1s) {}
};

TEST_F(DearStreamTest, ACancelledStreamComputesNoMore) {
  UseTcp();
  EXPECT_EQ(Ask(StreamRequest(1, Image28(5))).response().label(), 5U);
  std::promise<void> computing;
  std::promise<void> cancelled;
  on_classify_ = [&](size_t /*images*/) {
    if (computed_ > 1) return;
    computing.set_value();
    cancelled.get_future().wait();
  };
  EXPECT_TRUE(stream_->Write(StreamRequest(2, Image28(6))));
  computing.get_future().wait();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(stream_->Write(StreamRequest(3, Image28(6))));
  context_->TryCancel();
  EXPECT_EQ(stream_->Finish().error_code(), grpc::StatusCode::CANCELLED);
  std::this_thread::sleep_for(100ms);  // for the cancellation to arrive
  cancelled.set_value();
  server_->Shutdown();
  service_.Stop();  // after which nothing is computed any more
  EXPECT_EQ(computed_, 2U);
}

TEST_F(ClassifyStreamTest, AStreamWhoseAnswersNobodyReadsIsHeldBack) {
  std::atomic<size_t> written = 0;
  std::thread writer([&] {
    while (written < 1'000'000 && stream_->Write(StreamRequest(1, Image28(5)))) ++written;
  });
  // Until nothing moves any more.
  size_t before = 0;
  do {
    before = written;
    std::this_thread::sleep_for(300ms);
  } while (written != before);
  EXPECT_GT(before, 0U);
  EXPECT_LT(before, 1'000'000U);
  context_->TryCancel();
  writer.join();
}

TEST_F(ClassifyStreamTest, AnIdleStreamEndsWithUnavailableWhenTold) {
  EXPECT_EQ(Ask(StreamRequest(1, Image28(5))).response().label(), 5U);
  service_.open_calls().EndStreams();
  v1::ClassifyStreamResponse response;
  EXPECT_FALSE(stream_->Read(&response));
  const grpc::Status status = stream_->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("shutting down"));
}

TEST_F(ClassifyStreamTest, AStreamAnswersWhatItHasReadBeforeItEnds) {
  on_classify_ = [this](size_t /*images*/) { service_.open_calls().EndStreams(); };
  EXPECT_EQ(Ask(StreamRequest(1, Image28(5))).response().label(), 5U);
  v1::ClassifyStreamResponse response;
  EXPECT_FALSE(stream_->Read(&response));
  EXPECT_EQ(stream_->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

// By then the loop computes them as they come, in the middle of reading.
TEST_F(ClassifyStreamTest, ManyMessagesOneByOneAreAnsweredAndSoIsTheLastBeforeTheEnd) {
  size_t computed = 0;
  on_classify_ = [&](size_t images) {
    computed += images;
    if (computed == 40) service_.open_calls().EndStreams();
  };
  for (uint64_t i = 1; i <= 40; ++i) {
    const auto shade = static_cast<uint8_t>(i % 10);
    EXPECT_EQ(Ask(StreamRequest(i, Image28(shade))).response().label(), shade);
  }
  v1::ClassifyStreamResponse response;
  EXPECT_FALSE(stream_->Read(&response));
  EXPECT_EQ(stream_->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ClassifyStreamTest, AStreamThatBeginsAfterTheEndIsUnavailable) {
  service_.open_calls().EndStreams();
  const auto context = Context();
  const auto late = stub_->ClassifyStream(context.get());
  v1::ClassifyStreamResponse response;
  EXPECT_FALSE(late->Read(&response));
  EXPECT_EQ(late->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace digits
