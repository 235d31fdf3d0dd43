#include "trainer/report/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/trainer/report/fake_classifier.h"

namespace digits {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(AnswersTest, SayWhatWasReadWhatIsTrueAndHowSurely) {
  const auto answers = AnswersTo(PixelsClassifier(3), ImagesFor({{0, 0, 90}, {1, 2, 60}}));
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[0].right());
  EXPECT_FLOAT_EQ(answers[0].confidence, 0.9f);
  EXPECT_FLOAT_EQ(answers[0].truth_confidence, 0.9f);
  EXPECT_FALSE(answers[1].right());
  EXPECT_EQ(answers[1].truth, 1);
  EXPECT_EQ(answers[1].label, 2);
  EXPECT_FLOAT_EQ(answers[1].confidence, 0.6f);
  EXPECT_FLOAT_EQ(answers[1].truth_confidence, 0.2f);
}

TEST(AnswersTest, AreThereForEveryImageOfALargeSet) {
  std::vector<Asked> asked(2'500, {1, 1, 80});
  asked.back() = {1, 0, 70};
  const auto answers = AnswersTo(PixelsClassifier(2), ImagesFor(asked));
  ASSERT_EQ(answers.size(), 2'500u);
  EXPECT_TRUE(answers[2'498].right());
  EXPECT_EQ(answers[2'499].label, 0);
}

TEST(WorstMistakesTest, TheMostConfidentComeFirstAndTiesInTheOrderOfTheImages) {
  const auto answers = AnswersTo(
      PixelsClassifier(3), ImagesFor({{0, 1, 60}, {0, 0, 99}, {0, 2, 80}, {1, 2, 60}, {2, 1, 70}}));
  EXPECT_THAT(WorstMistakes(answers, 10), ElementsAre(2, 4, 0, 3));
  EXPECT_THAT(WorstMistakes(answers, 2), ElementsAre(2, 4));
  EXPECT_THAT(WorstMistakes({}, 2), IsEmpty());
}

}  // namespace
}  // namespace digits
