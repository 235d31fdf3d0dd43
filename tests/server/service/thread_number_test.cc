#include "server/service/thread_number.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <latch>
#include <thread>
#include <vector>

namespace digits {
namespace {

using ::testing::Each;
using ::testing::Lt;

// The numbers of `threads` threads that live at the same time, ascending.
std::vector<size_t> NumbersOf(size_t threads) {
  std::vector<size_t> numbers(threads);
  std::latch all_have(static_cast<std::ptrdiff_t>(threads));
  std::vector<std::thread> living;
  for (size_t& number : numbers) {
    living.emplace_back([&] {
      number = ThreadNumber();
      all_have.arrive_and_wait();
    });
  }
  for (std::thread& thread : living) thread.join();
  std::ranges::sort(numbers);
  return numbers;
}

TEST(ThreadNumberTest, AThreadKeepsItsNumber) {
  std::thread([] {
    const size_t number = ThreadNumber();
    EXPECT_EQ(ThreadNumber(), number);
  }).join();
}

TEST(ThreadNumberTest, ThreadsThatLiveAtTheSameTimeHaveDifferentNumbers) {
  const std::vector<size_t> numbers = NumbersOf(20);
  EXPECT_EQ(std::ranges::adjacent_find(numbers), numbers.end());
  EXPECT_THAT(numbers, Each(Lt(kThreadNumbers)));
}

TEST(ThreadNumberTest, NumbersOfThreadsThatEndedAreGivenAgain) {
  const std::vector<size_t> first = NumbersOf(20);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(NumbersOf(20), first);
}

TEST(ThreadNumberTest, ThreadsThatFindNoNumberLeftShareTheLastOne) {
  ThreadNumber();  // this thread's
  const std::vector<size_t> numbers = NumbersOf(kThreadNumbers + 3);
  EXPECT_EQ(std::ranges::count(numbers, kThreadNumbers), 4);
  EXPECT_EQ(numbers.front(), ThreadNumber() == 0 ? 1U : 0U);
}

}  // namespace
}  // namespace digits
