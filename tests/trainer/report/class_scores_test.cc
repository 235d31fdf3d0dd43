#include "trainer/report/class_scores.h"

#include <gtest/gtest.h>

namespace digits {
namespace {

TEST(ClassScoresTest, AreWhatAHandWorksOut) {
  ConfusionMatrix confusion(3);
  for (int i = 0; i < 3; ++i) confusion.Add(0, 0);
  confusion.Add(0, 1);
  confusion.Add(1, 1);
  const auto scores = ScoreClasses(confusion, 3);
  ASSERT_EQ(scores.size(), 3u);
  EXPECT_EQ(scores[0].images, 4);
  EXPECT_EQ(scores[0].answers, 3);
  EXPECT_EQ(scores[0].right, 3);
  EXPECT_EQ(scores[0].precision, 1.0);
  EXPECT_EQ(scores[0].recall, 0.75);
  EXPECT_EQ(scores[1].precision, 0.5);
  EXPECT_EQ(scores[1].recall, 1.0);
}

TEST(ClassScoresTest, AClassThatNeverOccursHasNoRecallAndOneNeverReadNoPrecision) {
  ConfusionMatrix confusion(2);
  confusion.Add(0, 1);
  const auto scores = ScoreClasses(confusion, 2);
  EXPECT_EQ(scores[0].precision, std::nullopt);
  EXPECT_EQ(scores[0].recall, 0.0);
  EXPECT_EQ(scores[1].precision, 0.0);
  EXPECT_EQ(scores[1].recall, std::nullopt);
}

}  // namespace
}  // namespace digits
