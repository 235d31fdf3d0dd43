#include "server/service/counters.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <thread>
#include <vector>

namespace digits {
namespace {

constexpr uint64_t kAdds = 300'000;  // long enough for threads to meet

// Adds 1 to counter 0 and 2 to counter 9, kAdds times on each of `threads` threads at once.
void AddOnThreads(int threads, Counters& counters) {
  std::latch all_are_here(threads);
  std::vector<std::thread> adding;
  for (int i = 0; i < threads; ++i) {
    adding.emplace_back([&] {
      all_are_here.arrive_and_wait();
      for (uint64_t j = 0; j < kAdds; ++j) {
        counters.Add(0);
        counters.Add(9, 2);
      }
    });
  }
  for (std::thread& thread : adding) thread.join();
}

TEST(CountersTest, EachCounterBeginsAtZeroAndHoldsWhatWasAddedToIt) {
  Counters counters(10, 4);
  counters.Add(9, 5);
  counters.Add(9);
  for (size_t i = 0; i < 9; ++i) EXPECT_EQ(counters.Total(i), 0U);
  EXPECT_EQ(counters.Total(9), 6U);
}

TEST(CountersTest, NothingIsLostWhenEachThreadHasAShard) {
  Counters counters(10, kThreadNumbers);
  AddOnThreads(4, counters);
  EXPECT_EQ(counters.Total(0), 4 * kAdds);
  EXPECT_EQ(counters.Total(9), 8 * kAdds);
}

TEST(CountersTest, NothingIsLostWhenThreadsShareAShard) {
  for (const size_t shards : {0U, 1U, 3U}) {
    Counters counters(10, shards);
    AddOnThreads(6, counters);
    EXPECT_EQ(counters.Total(0), 6 * kAdds) << shards;
    EXPECT_EQ(counters.Total(9), 12 * kAdds) << shards;
  }
}

TEST(CountersTest, NothingIsLostWhenThreadsTakeTheShardsOfThoseThatEnded) {
  Counters counters(10, 3);
  std::vector<std::thread> starting;
  for (int i = 0; i < 2; ++i) {
    starting.emplace_back([&] {
      for (int j = 0; j < 200; ++j) std::thread([&] { counters.Add(0); }).join();
    });
  }
  for (std::thread& thread : starting) thread.join();
  EXPECT_EQ(counters.Total(0), 400U);
}

TEST(CountersTest, ATotalNeverFallsWhileThreadsAdd) {
  Counters counters(10, 1);
  std::atomic<bool> done = false;
  std::thread reading([&] {
    uint64_t before = 0;
    while (!done) {
      const uint64_t total = counters.Total(0);
      EXPECT_GE(total, before);
      before = total;
    }
  });
  AddOnThreads(3, counters);
  done = true;
  reading.join();
  EXPECT_EQ(counters.Total(0), 3 * kAdds);
}

}  // namespace
}  // namespace digits
