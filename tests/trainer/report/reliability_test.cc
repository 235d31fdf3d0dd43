#include "trainer/report/reliability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/trainer/report/markup.h"
#include "trainer/report/reliability_chart.h"

namespace digits {
namespace {

using testing::HasSubstr;

Answer At(float confidence, bool right) {
  return {.truth = 0,
          .label = static_cast<uint8_t>(right ? 0 : 1),
          .confidence = confidence,
          .truth_confidence = 0};
}

// Fifteen bins, each 1/15 = 0.0667 wide: bin 14 is above 0.9333, bin 13 above 0.8667, bin 8 above
// 0.5333 and at most 0.6.
TEST(ReliabilityTest, IsWhatAHandWorksOut) {
  const Reliability reliability = MeasureReliability(std::vector<Answer>{
      At(0.95f, true), At(0.99f, false), At(0.9f, true), At(0.55f, true), At(0.57f, false)});
  EXPECT_EQ(reliability.bins[14].images, 2u);
  EXPECT_NEAR(reliability.bins[14].confidence, 0.97, 1e-6);
  EXPECT_DOUBLE_EQ(reliability.bins[14].accuracy, 0.5);
  EXPECT_EQ(reliability.bins[13].images, 1u);
  EXPECT_DOUBLE_EQ(reliability.bins[13].accuracy, 1);
  EXPECT_EQ(reliability.bins[8].images, 2u);
  EXPECT_NEAR(reliability.bins[8].confidence, 0.56, 1e-6);
  EXPECT_EQ(reliability.bins[7].images, 0u);
  EXPECT_EQ(reliability.bins[7].confidence, 0);
  // 2/5 x 0.47 + 1/5 x 0.1 + 2/5 x 0.06
  EXPECT_NEAR(reliability.expected_calibration_error, 0.232, 1e-6);
}

TEST(ReliabilityTest, TheEndsBelongToTheirBins) {
  const Reliability reliability =
      MeasureReliability(std::vector<Answer>{At(1.0f, true), At(0.0f, false)});
  EXPECT_EQ(reliability.bins[14].images, 1u);
  EXPECT_EQ(reliability.bins[0].images, 1u);
}

TEST(ReliabilityTest, IsPerfectWhereConfidenceIsAccuracy) {
  std::vector<Answer> answers(4, At(0.75f, true));
  answers.back() = At(0.75f, false);
  EXPECT_DOUBLE_EQ(MeasureReliability(answers).expected_calibration_error, 0);
}

TEST(ReliabilityChartTest, HasAColumnForEachBinThatHasImages) {
  const std::string markup =
      Draw(MeasureReliability(std::vector<Answer>{At(0.95f, true), At(0.55f, false)})).markup();
  const auto tags = ReadMarkup(markup);
  ASSERT_TRUE(tags) << markup;
  int columns = 0;
  for (const Tag& tag : *tags) {
    if (tag.name != "rect" || tag.attributes.at("class") != "column") continue;
    ++columns;
    // Of the square of 340 units, all where all are right and none where none is.
    EXPECT_THAT(tag.attributes.at("height"), testing::AnyOf("340.00", "0.00"));
  }
  EXPECT_EQ(columns, 2);
  EXPECT_THAT(markup, HasSubstr("role=\"img\" aria-label=\"Reliability diagram."));
}

}  // namespace
}  // namespace digits
