#include "trainer/training/schedule.h"

#include <gtest/gtest.h>

namespace digits {
namespace {

TEST(ScheduleTest, AConstantRateIsThatRateToTheBit) {
  const Schedule schedule = {ScheduleKind::kConstant, 0.01, 0, 100};
  for (const uint64_t step : {0, 1, 50, 99, 1000}) EXPECT_EQ(LearningRate(schedule, step), 0.01);
}

TEST(ScheduleTest, WarmUpRisesInAStraightLine) {
  for (const ScheduleKind kind : {ScheduleKind::kConstant, ScheduleKind::kCosine}) {
    const Schedule schedule = {kind, 0.8, 4, 100};
    EXPECT_DOUBLE_EQ(LearningRate(schedule, 0), 0.2);
    EXPECT_DOUBLE_EQ(LearningRate(schedule, 1), 0.4);
    EXPECT_DOUBLE_EQ(LearningRate(schedule, 2), 0.6);
    EXPECT_DOUBLE_EQ(LearningRate(schedule, 3), 0.8);
    EXPECT_DOUBLE_EQ(LearningRate(schedule, 4), 0.8);
  }
}

// (1 + cos(pi x)) / 2 at x = 0, 1/3, 1/2, 2/3 and 3/4 of the way.
TEST(ScheduleTest, ACosineFallsFromTheRateToZero) {
  const Schedule schedule = {ScheduleKind::kCosine, 2, 10, 22};
  EXPECT_DOUBLE_EQ(LearningRate(schedule, 10), 2);
  EXPECT_DOUBLE_EQ(LearningRate(schedule, 14), 1.5);
  EXPECT_DOUBLE_EQ(LearningRate(schedule, 16), 1);
  EXPECT_DOUBLE_EQ(LearningRate(schedule, 18), 0.5);
  EXPECT_DOUBLE_EQ(LearningRate(schedule, 19), 0.29289321881345254);
  EXPECT_EQ(LearningRate(schedule, 22), 0);
  EXPECT_EQ(LearningRate(schedule, 23), 0);
}

}  // namespace
}  // namespace digits
