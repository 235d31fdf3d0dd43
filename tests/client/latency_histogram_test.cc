#include "client/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <vector>

namespace digits {
namespace {

using Duration = LatencyHistogram::Duration;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""ns;
using std::chrono_literals::operator""us;

TEST(LatencyHistogramTest, AnEmptyOneIsAllZeros) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.mean(), 0ns);
  EXPECT_EQ(histogram.max(), 0ns);
  EXPECT_EQ(histogram.Quantile(0.5), 0ns);
  EXPECT_EQ(histogram.CountUpTo(1ms), 0U);
}

TEST(LatencyHistogramTest, QuantilesAreThoseOfTheSortedDurations) {
  std::mt19937 random(1);
  std::lognormal_distribution<double> microseconds(3, 2);
  LatencyHistogram histogram;
  std::vector<Duration> sorted;
  for (int i = 0; i < 10'000; ++i) {
    sorted.push_back(std::chrono::duration_cast<Duration>(
        std::chrono::duration<double, std::micro>(microseconds(random))));
    histogram.Add(sorted.back());
  }
  std::ranges::sort(sorted);
  for (const double share : {0.0001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<size_t>(std::ceil(share * 10'000));
    const Duration exact = sorted[rank - 1];
    EXPECT_GE(histogram.Quantile(share), exact) << share;
    EXPECT_LE(static_cast<double>(histogram.Quantile(share).count()),
              static_cast<double>(exact.count()) * 65 / 64 + 1)
        << share;
  }
  EXPECT_EQ(histogram.max(), sorted.back());
}

TEST(LatencyHistogramTest, AddsUpWhatSeveralThreadsCounted) {
  LatencyHistogram one;
  LatencyHistogram other;
  one.Add(10us);
  other.Add(20us);
  other.Add(60us);
  one.Add(other);
  EXPECT_EQ(one.count(), 3U);
  EXPECT_EQ(one.mean(), 30us);
  EXPECT_EQ(one.max(), 60us);
  EXPECT_EQ(one.CountUpTo(50us), 2U);
}

TEST(LatencyHistogramTest, HoldsAnyDuration) {
  LatencyHistogram histogram;
  histogram.Add(-5ns);
  histogram.Add(Duration::max());
  EXPECT_EQ(histogram.Quantile(0.5), 0ns);
  EXPECT_EQ(histogram.Quantile(1), Duration::max());
}

}  // namespace
}  // namespace digits
