#include "server/service/histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace digits {
namespace {

using std::chrono_literals::operator""ns;
using ::testing::ElementsAre;

constexpr std::array<uint64_t, 3> kBounds = {0, 10, 25};

TEST(HistogramTest, ARangeHoldsItsBoundAndTheLastOneAllThatIsLarger) {
  Histogram histogram({kBounds, 1}, 2);
  for (const uint64_t value : {0U, 1U, 10U, 11U, 24U, 25U, 26U, 1'000'000U})
    histogram.Record(value);
  EXPECT_THAT(histogram.Counts(), ElementsAre(1, 2, 3, 2));
}

TEST(HistogramTest, ATallysValuesAreRecordedTogether) {
  const Scale scale = {kBounds, 1};
  Histogram histogram(scale, 2);
  histogram.Record(uint64_t{10});
  Histogram::Tally tally(scale);
  for (const uint64_t value : {0U, 11U, 25U, 26U}) tally.Add(value);
  EXPECT_THAT(histogram.Counts(), ElementsAre(0, 1, 0, 0));
  histogram.Record(tally);
  EXPECT_THAT(histogram.Counts(), ElementsAre(1, 1, 2, 1));
  EXPECT_EQ(histogram.Sum(), 10 + 0 + 11 + 25 + 26);
}

TEST(HistogramTest, TheSumIsInTheUnitThatIsShown) {
  Histogram histogram({kBounds, 1e9}, 2);
  histogram.Record(1'500'000'000ns);
  histogram.Record(1ns);
  EXPECT_DOUBLE_EQ(histogram.Sum(), 1.500000001);
}

TEST(HistogramTest, ATimeBelowZeroCountsAsZero) {
  Histogram histogram({kBounds, 1e9}, 2);
  histogram.Record(-1ns);
  EXPECT_THAT(histogram.Counts(), ElementsAre(1, 0, 0, 0));
  EXPECT_EQ(histogram.Sum(), 0);
}

TEST(HistogramTest, TimesAreToldApartFromOneMicrosecondToTenSeconds) {
  EXPECT_EQ(kSecondsFrom1us.bounds.front(), 1'000U);
  EXPECT_EQ(kSecondsFrom10us.bounds.front(), 10'000U);
  for (const Scale& scale : {kSecondsFrom1us, kSecondsFrom10us}) {
    EXPECT_EQ(scale.bounds.back(), 10'000'000'000U);
    for (size_t i = 1; i < scale.bounds.size(); ++i) {
      EXPECT_GE(scale.bounds[i], 2 * scale.bounds[i - 1]);
      EXPECT_LE(2 * scale.bounds[i], 5 * scale.bounds[i - 1]);
    }
  }
}

TEST(HistogramTest, NothingIsLostWhenManyThreadsRecord) {
  Histogram histogram({kBounds, 1}, 2);
  std::vector<std::thread> recording;
  for (int i = 0; i < 4; ++i) {
    recording.emplace_back([&] {
      for (uint64_t value = 0; value < 1000; ++value) histogram.Record(value);
    });
  }
  for (std::thread& thread : recording) thread.join();
  EXPECT_THAT(histogram.Counts(), ElementsAre(4, 40, 60, 3896));
  EXPECT_EQ(histogram.Sum(), 4 * 499'500);
}

}  // namespace
}  // namespace digits
