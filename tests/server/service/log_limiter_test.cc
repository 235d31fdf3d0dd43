#include "server/service/log_limiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

namespace digits {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;

class LogLimiterTest : public ::testing::Test {
 protected:
  // How many of `lines` may be written now.
  int Write(int lines) {
    int written = 0;
    for (int i = 0; i < lines; ++i) written += limiter_.Admit(now_).has_value() ? 1 : 0;
    return written;
  }

  LogLimiter limiter_;
  std::chrono::steady_clock::time_point now_{1000h};
};

TEST_F(LogLimiterTest, TenLinesMayBeWrittenAtOnce) { EXPECT_EQ(Write(100), 10); }

TEST_F(LogLimiterTest, AfterThatOneASecondMay) {
  Write(100);
  now_ += 999ms;
  EXPECT_EQ(Write(5), 0);
  now_ += 1ms;
  EXPECT_EQ(Write(5), 1);
  now_ += 3500ms;
  EXPECT_EQ(Write(5), 3);
  now_ += 500ms;
  EXPECT_EQ(Write(5), 1);
}

TEST_F(LogLimiterTest, NoMoreThanTenAreEverSavedUp) {
  Write(3);
  now_ += 24h;
  EXPECT_EQ(Write(100), 10);
}

TEST_F(LogLimiterTest, LinesThatComeSlowlyAreAllWritten) {
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(limiter_.Admit(now_), 0U);
    now_ += 1000ms;
  }
}

TEST_F(LogLimiterTest, ALineTellsOnceHowManyWereSuppressedBeforeIt) {
  Write(10);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(limiter_.Admit(now_), std::nullopt);
  now_ += 2000ms;
  EXPECT_EQ(limiter_.Admit(now_), 7U);
  EXPECT_EQ(limiter_.Admit(now_), 0U);
}

TEST_F(LogLimiterTest, AClockThatBeginsNowIsFullToo) {
  now_ = std::chrono::steady_clock::time_point();
  EXPECT_EQ(Write(100), 10);
}

TEST_F(LogLimiterTest, ManyThreadsTogetherGetNoMoreAndEachSuppressedLineIsToldOf) {
  std::atomic<uint64_t> written = 0;
  std::atomic<uint64_t> told = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 5000; ++j) {
        const std::optional<uint64_t> suppressed = limiter_.Admit(now_ + j * 1ms);
        if (!suppressed.has_value()) continue;
        ++written;
        told += *suppressed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  now_ += 24h;
  told += limiter_.Admit(now_).value();
  EXPECT_EQ(written, 14U);  // in 4.999 seconds
  EXPECT_EQ(told, 20'000 - written);
}

}  // namespace
}  // namespace digits
