#include "trainer/report/axis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace digits {
namespace {

using testing::ElementsAre;

std::vector<std::string> Labels(const Axis& axis) {
  std::vector<std::string> labels;
  for (const double tick : axis.ticks) labels.push_back(axis.Label(tick));
  return labels;
}

TEST(AxisTest, HasRoundTicksAroundItsValues) {
  EXPECT_THAT(Labels(MakeAxis(0.243, 0.952, 5)), ElementsAre("0.2", "0.4", "0.6", "0.8", "1.0"));
  EXPECT_THAT(Labels(MakeAxis(97.2, 99.9, 5)), ElementsAre("97", "98", "99", "100"));
  EXPECT_THAT(Labels(MakeAxis(0, 0.0049, 5)),
              ElementsAre("0.000", "0.001", "0.002", "0.003", "0.004", "0.005"));
  EXPECT_THAT(Labels(MakeAxis(0, 3e38, 5)), ElementsAre("0", "1e+38", "2e+38", "3e+38"));
}

TEST(AxisTest, OfWholeThingsHasWholeTicks) {
  EXPECT_THAT(Labels(MakeAxis(1, 3, 6, /*whole=*/true)), ElementsAre("1", "2", "3"));
  EXPECT_THAT(Labels(MakeAxis(1, 100, 6, /*whole=*/true)),
              ElementsAre("0", "20", "40", "60", "80", "100"));
}

TEST(AxisTest, OfOneValueStillHasTwoEnds) {
  for (const double value : {0.0, 1.0, 5.0, -3.7, 1e300, 1e-300}) {
    const Axis axis = MakeAxis(value, value, 5);
    ASSERT_GE(axis.ticks.size(), 2u) << value;
    EXPECT_LT(axis.ticks.front(), axis.ticks.back()) << value;
    EXPECT_GE(axis.Place(value), -1e-3) << value;
    EXPECT_LE(axis.Place(value), 1 + 1e-3) << value;
  }
}

TEST(AxisTest, PlacesValuesBetweenItsEnds) {
  const Axis axis = MakeAxis(0, 10, 5);
  EXPECT_DOUBLE_EQ(axis.Place(0), 0);
  EXPECT_DOUBLE_EQ(axis.Place(2.5), 0.25);
  EXPECT_DOUBLE_EQ(axis.Place(10), 1);
}

}  // namespace
}  // namespace digits
