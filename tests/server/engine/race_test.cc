#include "server/engine/race.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace digits {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

// Takes a given time for a number of images.
using TimeFor = std::function<microseconds(size_t images)>;

class FakePlan : public Plan {
 public:
  explicit FakePlan(TimeFor time) : time_(std::move(time)) {}

  std::unique_ptr<Workspace> MakeWorkspace() const override {
    return std::make_unique<FakeWorkspace>(time_);
  }

 private:
  class FakeWorkspace : public Workspace {
   public:
    explicit FakeWorkspace(TimeFor time) : time_(std::move(time)) {}

    const float* Run(std::span<const uint8_t> pixels) override {
      const steady_clock::time_point end = steady_clock::now() + time_(pixels.size() / 784);
      while (steady_clock::now() < end) continue;
      return nullptr;
    }
    const float* RunEach(std::span<const uint8_t* const> /*images*/) override { return nullptr; }

   private:
    const TimeFor time_;
  };

  const TimeFor time_;
};

TEST(RaceTest, IsWonByThePlanThatTakesLessTime) {
  const FakePlan fast([](size_t /*images*/) { return microseconds(20); });
  const FakePlan slow([](size_t /*images*/) { return microseconds(200); });
  EXPECT_TRUE(IsFaster(fast, slow));
  EXPECT_FALSE(IsFaster(slow, fast));
}

TEST(RaceTest, CountsSingleImagesAndBatchesTheSame) {
  // Twice as slow for one, eight times as fast for many.
  const FakePlan batches([](size_t images) { return microseconds(images == 1 ? 40 : 50); });
  const FakePlan singles([](size_t images) { return microseconds(images == 1 ? 20 : 400); });
  EXPECT_TRUE(IsFaster(batches, singles));
  EXPECT_FALSE(IsFaster(singles, batches));
}

TEST(RaceTest, IsNotDecidedByAnOutlier) {
  int runs = 0;
  const FakePlan fast(
      [&runs](size_t /*images*/) { return microseconds(++runs % 5 == 0 ? 2000 : 20); });
  const FakePlan slow([](size_t /*images*/) { return microseconds(200); });
  EXPECT_TRUE(IsFaster(fast, slow));
}

}  // namespace
}  // namespace digits
