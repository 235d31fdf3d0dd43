#include "server/engine/workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <set>
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

TEST(WorkersTest, PartsAreEachRunOnceOnSeveralThreads) {
  Workers workers(3);
  std::mutex mutex;
  std::multiset<size_t> parts;
  std::set<std::thread::id> threads;
  workers.RunParts(50, [&](size_t part) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const std::lock_guard lock(mutex);
    parts.insert(part);
    threads.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(parts.size(), 50U);
  for (size_t i = 0; i < 50; ++i) EXPECT_EQ(parts.count(i), 1U);
  EXPECT_GT(threads.size(), 1U);
  EXPECT_LE(threads.size(), 3U);
}

TEST(WorkersTest, PartsDoNotWaitForThreadsThatAreBusy) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  Workers workers(2);
  for (int i = 0; i < 2; ++i) workers.Run([released] { released.wait(); });
  std::atomic<int> run = 0;
  workers.RunParts(10, [&](size_t /*part*/) { ++run; });
  EXPECT_EQ(run, 10);
  release.set_value();
}

TEST(WorkersTest, JobsMayRunPartsToo) {
  std::atomic<int> run = 0;
  {
    Workers workers(2);
    for (int i = 0; i < 20; ++i) {
      workers.Run([&] { workers.RunParts(5, [&](size_t /*part*/) { ++run; }); });
    }
  }
  EXPECT_EQ(run, 100);
}

}  // namespace
}  // namespace digits
