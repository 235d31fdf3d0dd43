#include "server/service/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "grpc/support/time.h"
#include "grpcpp/alarm.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "server/service/event.h"
#include "tests/server/engine/fake_classifier.h"
#include "tests/server/engine/waiting_images.h"

namespace digits {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

class LoopTest : public ::testing::Test {
 protected:
  LoopTest() {
    for (const char* name : {"first", "second"}) {
      auto classifier = std::make_unique<FakeClassifier>([this](size_t images) {
        passes_.push_back(images);
        if (passes_.size() == 1 && on_first_pass_ != nullptr) on_first_pass_();
      });
      classifier->images_a_pass = 4;
      EXPECT_TRUE(models_.Add(MakeFakeModel(name, std::move(classifier))).ok());
    }
    grpc::ServerBuilder builder;
    loop_.emplace(builder.AddCompletionQueue(), models_);
    server_ = builder.BuildAndStart();
    loop_->Start();
  }

  ~LoopTest() override {
    server_->Shutdown();
    loop_->Stop();
  }

  // What the loop does when its turn has come. It is in the queue when this returns.
  void Do(std::function<void()> what) {
    Task& task = tasks_.emplace_back(std::move(what));
    task.alarm.Set(&loop_->queue(), gpr_inf_future(GPR_CLOCK_MONOTONIC), &task);
    task.alarm.Cancel();
  }

  // An image that arrives.
  FakeImage& Send(size_t model, uint8_t first_pixel) {
    FakeImage& image = images_.emplace_back(first_pixel);
    Do([this, model, &image] { loop_->Compute(*models_.models()[model], image); });
    return image;
  }

  struct Task final : public Event {
    explicit Task(std::function<void()> task) : what(std::move(task)) {}
    void Happened(bool /*ok*/) override { what(); }
    std::function<void()> what;
    grpc::Alarm alarm;
  };

  std::vector<size_t> passes_;           // of the loop's thread
  std::function<void()> on_first_pass_;  // on it
  ModelRegistry models_;
  std::optional<Loop> loop_;
  std::unique_ptr<grpc::Server> server_;
  std::deque<Task> tasks_;
  std::deque<FakeImage> images_;
};

TEST_F(LoopTest, AnImageThatComesAloneIsComputedAtOnce) {
  const FakeImage& image = Send(0, 7);
  image.WaitUntilTold();
  EXPECT_EQ(image.label(), 7);
  EXPECT_THAT(passes_, ElementsAre(1));
}

TEST_F(LoopTest, WhatHasArrivedSharesAPass) {
  std::promise<void> all_sent;
  Do([&] { all_sent.get_future().wait(); });
  for (uint8_t i = 0; i < 3; ++i) Send(0, i);
  all_sent.set_value();
  for (const FakeImage& image : images_) image.WaitUntilTold();
  EXPECT_THAT(passes_, ElementsAre(3));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(images_[static_cast<size_t>(i)].label(), i);
}

TEST_F(LoopTest, PassesAreOfOneModelAndNoLargerThanItTakes) {
  std::promise<void> all_sent;
  Do([&] { all_sent.get_future().wait(); });
  for (uint8_t i = 0; i < 6; ++i) Send(0, i);
  Send(1, 6);
  all_sent.set_value();
  for (const FakeImage& image : images_) image.WaitUntilTold();
  EXPECT_THAT(passes_, ElementsAre(4, 1, 2));
}

TEST_F(LoopTest, ImagesThatComeOneByOneSoonNeedNoLookForOthers) {
  constexpr size_t kImages = 32;
  size_t computed_at_once = 0;
  for (size_t i = 0; i < kImages; ++i) {
    FakeImage& image = images_.emplace_back(uint8_t{7});
    Do([&] {
      const size_t passes = passes_.size();
      loop_->Compute(*models_.models()[0], image);
      computed_at_once += passes_.size() - passes;
    });
    image.WaitUntilTold();
  }
  loop_->WaitForEvents();
  // All after the first 17.
  EXPECT_EQ(computed_at_once, 15);
}

TEST_F(LoopTest, ImagesThatComeTogetherAfterLoneOnesSoonSharePasses) {
  for (int i = 0; i < 33; ++i) Send(0, 7).WaitUntilTold();
  std::promise<void> all_sent;
  Do([&] {
    passes_.clear();
    all_sent.get_future().wait();
  });
  for (int i = 0; i < 40; ++i) Send(0, 7);
  all_sent.set_value();
  for (const FakeImage& image : images_) image.WaitUntilTold();
  // Until the next look for others, 15 alone; the other 25 by fours.
  EXPECT_THAT(passes_, Contains(4));
  EXPECT_LE(passes_.size(), 15 + 7);
}

TEST_F(LoopTest, NoOtherModelsPassIsRunWhenALoneImageComes) {
  for (int i = 0; i < 32; ++i) Send(0, 7).WaitUntilTold();
  loop_->WaitForEvents();
  passes_.clear();
  size_t computed_at_once = 0;
  FakeImage& last = images_.emplace_back(uint8_t{7});
  on_first_pass_ = [&] {
    Do([&] {
      loop_->Compute(*models_.models()[0], last);
      computed_at_once = passes_.size() - 1;
    });
  };
  Do([&] {
    for (const size_t model : {0U, 1U, 1U, 1U}) {
      loop_->Compute(*models_.models()[model], images_.emplace_back(uint8_t{7}));
    }
  });
  last.WaitUntilTold();
  loop_->WaitForEvents();
  EXPECT_EQ(computed_at_once, 0);
  EXPECT_THAT(passes_, ElementsAre(1, 3, 1));
}

TEST_F(LoopTest, ImagesDoNotWaitForAQueueThatIsNeverEmpty) {
  constexpr int kEvents = 1000;
  std::promise<void> all_sent;
  Do([&] { all_sent.get_future().wait(); });
  const FakeImage& image = Send(0, 7);
  int events_before_the_pass = 0;
  std::promise<void> all_done;
  for (int i = 0; i < kEvents; ++i) {
    Do([&, i] {
      if (passes_.empty()) ++events_before_the_pass;
      if (i == kEvents - 1) all_done.set_value();
    });
  }
  all_sent.set_value();
  all_done.get_future().wait();
  image.WaitUntilTold();
  EXPECT_THAT(passes_, ElementsAre(1));
  EXPECT_LE(events_before_the_pass, 128);
}

}  // namespace
}  // namespace digits
