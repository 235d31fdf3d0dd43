#include "trainer/report/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace digits {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(AnswersTest, SayWhatWasReadWhatIsTrueAndHowSurely) {
  const auto answers =
      AnswersOf(std::vector{0.9f, 0.06f, 0.04f, 0.3f, 0.1f, 0.6f}, std::vector<uint8_t>{0, 1});
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[0].right());
  EXPECT_FLOAT_EQ(answers[0].confidence, 0.9f);
  EXPECT_FLOAT_EQ(answers[0].truth_confidence, 0.9f);
  EXPECT_FALSE(answers[1].right());
  EXPECT_EQ(answers[1].truth, 1);
  EXPECT_EQ(answers[1].label, 2);
  EXPECT_FLOAT_EQ(answers[1].confidence, 0.6f);
  EXPECT_FLOAT_EQ(answers[1].truth_confidence, 0.1f);
}

TEST(AnswersTest, OfEqualProbabilitiesTheFirstIsRead) {
  EXPECT_EQ(AnswersOf(std::vector{0.2f, 0.4f, 0.4f}, std::vector<uint8_t>{2}).front().label, 1);
}

TEST(AnswersTest, ToNothingAreNone) { EXPECT_THAT(AnswersOf({}, {}), IsEmpty()); }

TEST(WorstMistakesTest, TheMostConfidentComeFirstAndTiesInTheOrderOfTheImages) {
  const std::vector<Answer> answers = {
      {0, 1, 0.6f}, {0, 0, 0.99f}, {0, 2, 0.8f}, {1, 2, 0.6f}, {2, 1, 0.7f}};
  EXPECT_THAT(WorstMistakes(answers, 10), ElementsAre(2, 4, 0, 3));
  EXPECT_THAT(WorstMistakes(answers, 2), ElementsAre(2, 4));
  EXPECT_THAT(WorstMistakes({}, 2), IsEmpty());
}

}  // namespace
}  // namespace digits
