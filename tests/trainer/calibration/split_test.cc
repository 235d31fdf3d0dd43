#include "trainer/calibration/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <string>
#include <utility>

#include "server/engine/onednn_classifier.h"
#include "trainer/data/strokes.h"
#include "trainer/training/evaluation.h"
#include "trainer/training/fit.h"

namespace digits {
namespace {

using ::testing::HasSubstr;

TEST(SplitAsFit, KeepsOutWhatFitKeepsOut) {
  TrainingData data;
  data.train = DrawStrokes(500, 1);
  FitOptions options;
  options.epochs = 1;
  options.validation_split = 0.1;
  options.seed = 7;
  const std::atomic<bool> stop = false;
  FitObserver observer;
  const auto fit = Fit(data, options, stop, observer);
  ASSERT_TRUE(fit.ok()) << fit.status();
  const auto classifier = MakeOnednnClassifier(fit->network, Precision::kF32);
  ASSERT_TRUE(classifier.ok()) << classifier.status();

  const auto split = SplitAsFit(data.train, 0.1, 7);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->training.size(), 450u);
  ASSERT_EQ(split->validation.size(), 50u);
  EXPECT_NEAR(Evaluate(**classifier, split->validation).loss, fit->validation->loss, 1e-5);

  const auto other = SplitAsFit(data.train, 0.1, 8);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_GT(std::abs(Evaluate(**classifier, other->validation).loss - fit->validation->loss), 1e-4);
}

TEST(SplitAsFit, RefusesASplitThatLeavesNothing) {
  const DataSet data = DrawStrokes(20, 1);
  for (const auto& [share, message] :
       {std::pair{0.0, "the validation split is 0"}, std::pair{1.0, "the validation split is 1"},
        std::pair{std::nan(""), "the validation split is nan"},
        std::pair{0.01, "leaves 0 of 20 images"}, std::pair{0.99, "leaves 20 of 20 images"}}) {
    const auto split = SplitAsFit(data, share, 1);
    EXPECT_EQ(split.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(split.status().message()), HasSubstr(message));
  }
}

}  // namespace
}  // namespace digits
