#include "trainer/report/numbers.h"

#include <gtest/gtest.h>

namespace digits {
namespace {

TEST(NumbersTest, ThousandsHaveCommas) {
  EXPECT_EQ(Count(0), "0");
  EXPECT_EQ(Count(999), "999");
  EXPECT_EQ(Count(1'000), "1,000");
  EXPECT_EQ(Count(13'002), "13,002");
  EXPECT_EQ(Count(1'234'567), "1,234,567");
  EXPECT_EQ(Count(-100), "-100");
}

TEST(NumbersTest, PartsAreInPercent) {
  EXPECT_EQ(Percent(0.9301), "93.01\u00a0%");
  EXPECT_EQ(Percent(1), "100.00\u00a0%");
}

}  // namespace
}  // namespace digits
