#include "server/service/workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace digits {
namespace {

using ::testing::ElementsAre;

using std::chrono_literals::operator""s;

TEST(WorkersTest, OneThreadRunsJobsInTheirOrder) {
  std::vector<int> ran;
  {
    Workers workers(1);
    for (int i = 0; i < 4; ++i) workers.Run([&ran, i] { ran.push_back(i); });
  }
  EXPECT_THAT(ran, ElementsAre(0, 1, 2, 3));
}

TEST(WorkersTest, AsManyJobsRunAtOnceAsThereAreThreads) {
  std::promise<void> first;
  std::promise<void> second;
  std::promise<bool> met;
  Workers workers(2);  // ends before what its jobs use
  workers.Run([&] {
    first.set_value();
    met.set_value(second.get_future().wait_for(30s) == std::future_status::ready);
  });
  workers.Run([&] {
    first.get_future().wait();
    second.set_value();
  });
  EXPECT_TRUE(met.get_future().get());
}

TEST(WorkersTest, AllJobsOfAllThreadsAreRunBeforeTheEnd) {
  std::atomic<int> ran = 0;
  {
    Workers workers(3);
    std::vector<std::thread> givers;
    for (int i = 0; i < 4; ++i) {
      givers.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) workers.Run([&ran] { ++ran; });
      });
    }
    for (std::thread& giver : givers) giver.join();
  }
  EXPECT_EQ(ran, 4000);
}

TEST(WorkersTest, WhatAJobHoldsIsGoneAfterIt) {
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = held;
  std::promise<bool> gone;
  Workers workers(1);  // ends before what its jobs use
  workers.Run([held = std::move(held)] {});
  workers.Run([&] { gone.set_value(watched.expired()); });
  EXPECT_TRUE(gone.get_future().get());
}

}  // namespace
}  // namespace digits
