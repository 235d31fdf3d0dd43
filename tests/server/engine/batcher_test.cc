#include "server/engine/batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "tests/server/engine/fake_classifier.h"
#include "tests/server/engine/waiting_images.h"

namespace digits {
namespace {

using ::testing::ElementsAre;
using std::chrono_literals::operator""ms;

class BatcherTest : public ::testing::Test {
 protected:
  // The first pass runs until Release().
  void Hold() { held_ = true; }
  void Release() { release_.set_value(); }

  std::vector<size_t> passes() const {
    const std::lock_guard lock(mutex_);
    return passes_;
  }

  Batcher& Make(size_t threads, size_t max_waiting) {
    workers_.emplace(threads);
    return batcher_.emplace(classifier_, *workers_, threads, max_waiting);
  }

  std::atomic<bool> held_ = false;
  std::promise<void> begun_;
  std::promise<void> release_;
  mutable std::mutex mutex_;
  std::vector<size_t> passes_;
  FakeClassifier classifier_{[this](size_t images) {
    {
      const std::lock_guard lock(mutex_);
      passes_.push_back(images);
    }
    if (!held_.exchange(false)) return;
    begun_.set_value();
    release_.get_future().wait();
  }};
  std::optional<Batcher> batcher_;
  std::optional<Workers> workers_;  // ends first
};

TEST_F(BatcherTest, AnImageThatFindsAThreadIdleIsComputedAtOnce) {
  FakeImage image(7);
  Batcher& batcher = Make(1, 10);
  EXPECT_TRUE(batcher.Add(image));
  image.WaitUntilTold();
  EXPECT_EQ(image.label(), 7);
}

TEST_F(BatcherTest, WhatComesWhileAPassRunsSharesTheNextOneUpToItsSize) {
  classifier_.images_a_pass = 4;
  std::deque<FakeImage> images;
  for (uint8_t i = 0; i < 8; ++i) images.emplace_back(i);
  Hold();
  Batcher& batcher = Make(1, 10);
  for (size_t i = 0; i < images.size(); ++i) {
    EXPECT_TRUE(batcher.Add(images[i]));
    if (i == 0) begun_.get_future().wait();
  }
  Release();
  for (const FakeImage& image : images) image.WaitUntilTold();
  EXPECT_THAT(passes(), ElementsAre(1, 4, 3));
  for (size_t i = 0; i < images.size(); ++i) EXPECT_EQ(images[i].label(), static_cast<int>(i));
}

TEST_F(BatcherTest, PastItsBoundAnImageIsRefusedAndUntouched) {
  std::deque<FakeImage> images;
  for (uint8_t i = 0; i < 4; ++i) images.emplace_back(i);
  Hold();
  Batcher& batcher = Make(1, 2);
  EXPECT_TRUE(batcher.Add(images[0]));
  begun_.get_future().wait();
  EXPECT_TRUE(batcher.Add(images[1]));
  EXPECT_TRUE(batcher.Add(images[2]));
  EXPECT_FALSE(batcher.Add(images[3]));
  Release();
  images[2].WaitUntilTold();
  EXPECT_EQ(images[3].label(), -1);
  EXPECT_FALSE(images[3].dropped());
}

TEST_F(BatcherTest, WhatIsNoLongerWantedIsDroppedInItsTurn) {
  FakeImage first(1);
  FakeImage gone(2);
  Hold();
  Batcher& batcher = Make(1, 10);
  EXPECT_TRUE(batcher.Add(first));
  begun_.get_future().wait();
  EXPECT_TRUE(batcher.Add(gone));
  gone.wanted = false;
  Release();
  gone.WaitUntilTold();
  EXPECT_TRUE(gone.dropped());
  EXPECT_THAT(passes(), ElementsAre(1));
}

TEST_F(BatcherTest, TellsHowLongAFullQueueTakes) {
  classifier_.images_a_pass = 8;
  classifier_.time_of_a_pass = 2ms;
  EXPECT_EQ(Make(2, 1023).time_to_clear(), 128ms);
}

TEST_F(BatcherTest, OtherJobsOfThePoolHaveTheirTurn) {
  classifier_.images_a_pass = 1;
  std::deque<FakeImage> images;
  for (int i = 0; i < 100; ++i) images.emplace_back(static_cast<uint8_t>(i));
  Hold();
  size_t passes_before_the_job = 0;
  Batcher& batcher = Make(1, 1000);
  for (size_t i = 0; i < images.size(); ++i) {
    EXPECT_TRUE(batcher.Add(images[i]));
    if (i == 0) begun_.get_future().wait();
  }
  workers_->Run([&] { passes_before_the_job = passes().size(); });
  Release();
  for (const FakeImage& image : images) image.WaitUntilTold();
  EXPECT_LT(passes_before_the_job, 20U);
}

TEST_F(BatcherTest, ManyThreadsMayAddAtOnceAndEachImageIsToldOnce) {
  constexpr size_t kThreads = 4;
  constexpr size_t kImages = 2000;
  std::vector<std::deque<FakeImage>> images(kThreads);
  Batcher& batcher = Make(2, kThreads * kImages);
  {
    std::vector<std::jthread> threads;
    for (size_t t = 0; t < kThreads; ++t) {
      for (size_t i = 0; i < kImages; ++i) images[t].emplace_back(static_cast<uint8_t>(i % 10));
      threads.emplace_back([&, t] {
        for (FakeImage& image : images[t]) EXPECT_TRUE(batcher.Add(image));
      });
    }
  }
  size_t computed = 0;
  for (std::deque<FakeImage>& some : images) {
    for (size_t i = 0; i < kImages; ++i) {
      some[i].WaitUntilTold();
      EXPECT_EQ(some[i].label(), static_cast<int>(i % 10));
    }
  }
  for (const size_t pass : passes()) computed += pass;
  EXPECT_EQ(computed, kThreads * kImages);
}

}  // namespace
}  // namespace digits
