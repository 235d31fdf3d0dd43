#include "trainer/report/readings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace digits {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ReadingsTest, SayWhatWasReadWhatIsTrueAndHowSurely) {
  const auto readings =
      ReadingsOf(std::vector{0.9f, 0.06f, 0.04f, 0.3f, 0.1f, 0.6f}, std::vector<uint8_t>{0, 1});
  ASSERT_EQ(readings.size(), 2u);
  EXPECT_TRUE(readings[0].right());
  EXPECT_FLOAT_EQ(readings[0].confidence, 0.9f);
  EXPECT_FLOAT_EQ(readings[0].truth_confidence, 0.9f);
  EXPECT_FALSE(readings[1].right());
  EXPECT_EQ(readings[1].truth, 1);
  EXPECT_EQ(readings[1].label, 2);
  EXPECT_FLOAT_EQ(readings[1].confidence, 0.6f);
  EXPECT_FLOAT_EQ(readings[1].truth_confidence, 0.1f);
}

TEST(ReadingsTest, OfEqualProbabilitiesTheFirstIsRead) {
  EXPECT_EQ(ReadingsOf(std::vector{0.2f, 0.4f, 0.4f}, std::vector<uint8_t>{2}).front().label, 1);
}

TEST(ReadingsTest, ToNothingAreNone) { EXPECT_THAT(ReadingsOf({}, {}), IsEmpty()); }

TEST(WorstMistakesTest, TheMostConfidentComeFirstAndTiesInTheOrderOfTheImages) {
  const std::vector<Reading> readings = {
      {0, 1, 0.6f}, {0, 0, 0.99f}, {0, 2, 0.8f}, {1, 2, 0.6f}, {2, 1, 0.7f}};
  EXPECT_THAT(WorstMistakes(readings, 10), ElementsAre(2, 4, 0, 3));
  EXPECT_THAT(WorstMistakes(readings, 2), ElementsAre(2, 4));
  EXPECT_THAT(WorstMistakes({}, 2), IsEmpty());
}

}  // namespace
}  // namespace digits
