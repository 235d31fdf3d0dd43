#include "server/service/slots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Caller final : public Slots::Waiter {
 public:
  explicit Caller(
      std::function<void()> admitted, std::function<void()> refused = [] {})
      : admitted_(std::move(admitted)), refused_(std::move(refused)) {}
  void Admitted() override { admitted_(); }
  void Refused() override { refused_(); }

 private:
  const std::function<void()> admitted_;
  const std::function<void()> refused_;
};

class SlotsTest : public ::testing::Test {
 protected:
  // Asks for a slot; admitted_ and refused_ tell when it was given or denied.
  std::shared_ptr<Caller> Enter(int number) {
    auto caller = std::make_shared<Caller>([this, number] { admitted_.push_back(number); },
                                           [this, number] { refused_.push_back(number); });
    slots_.Enter(caller);
    return caller;
  }

  Slots slots_{2};
  std::vector<int> admitted_;
  std::vector<int> refused_;
};

TEST_F(SlotsTest, AdmitsAsManyAsThereAreAndTheOthersInTheirOrder) {
  for (int i = 0; i < 5; ++i) Enter(i);
  EXPECT_THAT(admitted_, ElementsAre(0, 1));
  slots_.Release();
  EXPECT_THAT(admitted_, ElementsAre(0, 1, 2));
  slots_.Release();
  slots_.Release();
  EXPECT_THAT(admitted_, ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(SlotsTest, ASlotThatNobodyWaitsForIsFreeAgain) {
  Enter(0);
  slots_.Release();
  for (int i = 1; i < 4; ++i) Enter(i);
  EXPECT_THAT(admitted_, ElementsAre(0, 1, 2));
}

TEST_F(SlotsTest, WhoLeavesIsPassedOver) {
  const std::shared_ptr<Caller> admitted = Enter(0);
  Enter(1);
  const std::shared_ptr<Caller> waiting = Enter(2);
  Enter(3);
  EXPECT_TRUE(slots_.Leave(*waiting));
  EXPECT_FALSE(slots_.Leave(*waiting));
  EXPECT_FALSE(slots_.Leave(*admitted));
  slots_.Release();
  EXPECT_THAT(admitted_, ElementsAre(0, 1, 3));
}

TEST_F(SlotsTest, ClosingRefusesThoseThatWaitAndThoseThatWouldHaveTo) {
  for (int i = 0; i < 4; ++i) Enter(i);
  slots_.Close();
  EXPECT_THAT(refused_, ElementsAre(2, 3));
  Enter(4);
  EXPECT_THAT(refused_, ElementsAre(2, 3, 4));
  slots_.Release();
  Enter(5);
  EXPECT_THAT(admitted_, ElementsAre(0, 1, 5));
}

TEST_F(SlotsTest, WhoHasNotEnteredCannotLeave) {
  EXPECT_FALSE(slots_.Leave(Caller([] {})));
  EXPECT_THAT(admitted_, IsEmpty());
}

TEST(SlotsOnThreadsTest, NeverMoreAreInThanThereAreSlotsAndEachIsServedOrLeaves) {
  constexpr int kSlots = 3;
  constexpr int kThreads = 4;
  constexpr int kCallers = 2000;  // of each thread
  Slots slots(kSlots);
  std::atomic<int> in = 0;
  std::atomic<int> most_in = 0;
  std::atomic<int> served = 0;
  std::atomic<int> left = 0;
  const auto admitted = [&] {
    const int now_in = ++in;
    int most = most_in;
    while (now_in > most && !most_in.compare_exchange_weak(most, now_in)) {
    }
    ++served;
  };
  // Gives back one of the slots in use, whoever was admitted to it; false where none is.
  const auto release = [&] {
    int now_in = in;
    while (now_in > 0 && !in.compare_exchange_weak(now_in, now_in - 1)) {
    }
    if (now_in > 0) slots.Release();
    return now_in > 0;
  };
  const auto enter_and_release = [&] {
    for (int i = 0; i < kCallers; ++i) {
      const auto caller = std::make_shared<Caller>(admitted);
      slots.Enter(caller);
      if (i % 3 == 0 && slots.Leave(*caller)) {
        ++left;
      } else {
        release();
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(enter_and_release);
  for (std::thread& thread : threads) thread.join();
  while (release()) {
  }
  EXPECT_EQ(served + left, kThreads * kCallers);
  EXPECT_LE(most_in, kSlots);
}

}  // namespace
}  // namespace digits
