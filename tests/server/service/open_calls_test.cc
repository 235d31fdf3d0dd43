#include "server/service/open_calls.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace digits {
namespace {

using std::chrono::steady_clock;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class CountingStream final : public OpenCalls::Stream {
 public:
  void End() override { ++ends_; }
  int ends() const { return ends_; }

 private:
  std::atomic<int> ends_ = 0;
};

class OpenCallsTest : public ::testing::Test {
 protected:
  bool None() { return calls_.WaitUntilNone(steady_clock::now()); }

  OpenCalls calls_;
  const std::shared_ptr<CountingStream> stream_ = std::make_shared<CountingStream>();
};

TEST_F(OpenCallsTest, CallsAreOpenFromTheirBeginningToTheirEnd) {
  EXPECT_TRUE(None());
  calls_.Begin();
  calls_.Begin(stream_);
  EXPECT_FALSE(None());
  EXPECT_EQ(calls_.size(), 2U);
  calls_.Ended();
  EXPECT_FALSE(None());
  calls_.Ended(stream_);
  EXPECT_TRUE(None());
  EXPECT_EQ(stream_->ends(), 0);
}

TEST_F(OpenCallsTest, WaitingEndsWithTheLastCall) {
  calls_.Begin();
  std::thread ender([this] {
    std::this_thread::sleep_for(20ms);
    calls_.Ended();
  });
  EXPECT_TRUE(calls_.WaitUntilNone(steady_clock::now() + 30s));
  ender.join();
}

TEST_F(OpenCallsTest, OpenStreamsAreToldToEndOnceAndStayOpenUntilTheyHave) {
  calls_.Begin(stream_);
  calls_.EndStreams();
  calls_.EndStreams();
  EXPECT_EQ(stream_->ends(), 1);
  EXPECT_FALSE(None());
  calls_.Ended(stream_);
  EXPECT_TRUE(None());
}

TEST_F(OpenCallsTest, StreamsThatBeginLaterAreToldAtOnce) {
  calls_.EndStreams();
  calls_.Begin(stream_);
  EXPECT_EQ(stream_->ends(), 1);
  calls_.Ended(stream_);
  EXPECT_TRUE(None());
}

TEST_F(OpenCallsTest, StreamsThatHaveEndedAreNotToldAndNotKept) {
  calls_.Begin(stream_);
  calls_.Ended(stream_);
  EXPECT_EQ(stream_.use_count(), 1);
  calls_.EndStreams();
  EXPECT_EQ(stream_->ends(), 0);
}

TEST_F(OpenCallsTest, ManyThreadsMayBeginAndEndCallsWhileStreamsAreEnded) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int j = 0; j < 1000; ++j) {
        const auto stream = std::make_shared<CountingStream>();
        calls_.Begin();
        calls_.Begin(stream);
        calls_.Ended(stream);
        calls_.Ended();
        EXPECT_LE(stream->ends(), 1);
      }
    });
  }
  calls_.EndStreams();
  EXPECT_TRUE(calls_.WaitUntilNone(steady_clock::now() + 30s));
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(None());
}

}  // namespace
}  // namespace digits
