#include "server/engine/pass.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/server/engine/fake_classifier.h"
#include "tests/server/engine/waiting_images.h"

namespace digits {
namespace {

using ::testing::ElementsAre;

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ns;

TEST(PassTest, ComputesAllItsImagesAtOnceAndGivesEachItsAnswer) {
  std::vector<size_t> passes;
  const FakeClassifier classifier([&](size_t images) { passes.push_back(images); });
  FakeImage images[] = {FakeImage(3), FakeImage(14), FakeImage(5)};
  Pass pass(classifier);
  EXPECT_TRUE(pass.empty());
  for (FakeImage& image : images) pass.Add(image);
  pass.Run();
  EXPECT_TRUE(pass.empty());
  EXPECT_THAT(passes, ElementsAre(3));
  EXPECT_EQ(images[0].label(), 3);
  EXPECT_EQ(images[1].label(), 4);
  EXPECT_EQ(images[1].digit_score(), 14 / 4.0F);
  EXPECT_EQ(images[2].label(), 5);
}

TEST(PassTest, DropsWhatNobodyWaitsForBeforeItCostsArithmetic) {
  std::vector<size_t> passes;
  const FakeClassifier classifier([&](size_t images) { passes.push_back(images); });
  FakeImage gone(1);
  FakeImage wanted(2);
  gone.wanted = false;
  Pass pass(classifier);
  pass.Add(gone);
  pass.Add(wanted);
  pass.Run();
  EXPECT_TRUE(gone.dropped());
  EXPECT_EQ(wanted.label(), 2);
  FakeImage also_gone(3);
  also_gone.wanted = false;
  pass.Add(also_gone);
  pass.Run();
  EXPECT_TRUE(also_gone.dropped());
  EXPECT_THAT(passes, ElementsAre(1));
}

TEST(PassTest, IsFullWithAsManyAsTheClassifierTakesAndLeavesMoreForLater) {
  FakeClassifier classifier;
  classifier.images_a_pass = 2;
  FakeImage images[] = {FakeImage(1), FakeImage(2), FakeImage(3)};
  Pass pass(classifier);
  pass.Add(images[0]);
  EXPECT_FALSE(pass.full());
  pass.Add(images[1]);
  EXPECT_TRUE(pass.full());
  pass.Add(images[2]);
  pass.Run();
  EXPECT_EQ(images[1].label(), 2);
  EXPECT_EQ(images[2].label(), -1);
  EXPECT_FALSE(pass.full());
  pass.Run();
  EXPECT_EQ(images[2].label(), 3);
  EXPECT_TRUE(pass.empty());
}

TEST(PassTest, TellsItsObserverHowManyItComputedAndHowLongTheFirstHadWaited) {
  struct Observer final : PassObserver {
    void Ran(size_t images, std::chrono::nanoseconds queued,
             std::chrono::nanoseconds computing) override {
      passes.push_back(images);
      EXPECT_GE(queued, 1h);
      EXPECT_LT(queued, 2h);
      EXPECT_GE(computing, 0ns);
      EXPECT_LT(computing, 1h);
    }
    std::vector<size_t> passes;
  } observer;
  const FakeClassifier classifier;
  FakeImage gone(1);
  FakeImage first(2);
  FakeImage second(3);
  gone.wanted = false;
  first.since = std::chrono::steady_clock::now() - 1h;
  second.since = std::chrono::steady_clock::now();
  Pass pass(classifier, &observer);
  for (FakeImage* image : {&gone, &first, &second}) pass.Add(*image);
  pass.Run();
  EXPECT_THAT(observer.passes, ElementsAre(2));
}

}  // namespace
}  // namespace digits
