// Values counted by range.
#ifndef DIGITS_SERVER_SERVICE_HISTOGRAM_H_
#define DIGITS_SERVER_SERVICE_HISTOGRAM_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "server/service/counters.h"

namespace digits {

// What a histogram's values are: whole numbers of a small unit.
struct Scale {
  // Ascending: the largest value of each range. One more range takes what is larger.
  std::span<const uint64_t> bounds;
  // How many of the small unit make one of the unit that is shown: 1e9 for nanoseconds shown as
  // seconds.
  double units = 1;
};

// May be used from any number of threads at once.
class Histogram {
 public:
  // `threads`: as for Counters. What the scale's bounds view outlives the histogram.
  Histogram(const Scale& scale, size_t threads)
      : scale_(scale), counters_(kFirstRange + scale.bounds.size() + 1, threads) {}

  // Values collected by one thread, to be recorded together.
  class Tally {
   public:
    explicit Tally(const Scale& scale) : scale_(scale), counts_(scale.bounds.size() + 1) {}

    void Add(uint64_t value) {
      ++counts_[RangeOf(scale_, value)];
      sum_ += value;
    }

   private:
    friend class Histogram;

    Scale scale_;
    std::vector<uint64_t> counts_;
    uint64_t sum_ = 0;
  };

  void Record(uint64_t value) {
    counters_.Add(kFirstRange + RangeOf(scale_, value));
    counters_.Add(kSum, value);
  }

  // `tally`: of the same scale.
  void Record(const Tally& tally) {
    for (size_t i = 0; i < tally.counts_.size(); ++i) {
      if (tally.counts_[i] > 0) counters_.Add(kFirstRange + i, tally.counts_[i]);
    }
    counters_.Add(kSum, tally.sum_);
  }

  // On a scale of nanoseconds; a time below 0 counts as 0.
  void Record(std::chrono::nanoseconds time) {
    Record(static_cast<uint64_t>(std::max<int64_t>(time.count(), 0)));
  }

  const Scale& scale() const { return scale_; }
  // How many values lie in each range, the one without bound last.
  std::vector<uint64_t> Counts() const;
  // Of all values, in the unit that is shown.
  double Sum() const { return static_cast<double>(counters_.Total(kSum)) / scale_.units; }

 private:
  static constexpr size_t kSum = 0;
  static constexpr size_t kFirstRange = 1;

  static size_t RangeOf(const Scale& scale, uint64_t value) {
    size_t range = 0;
    for (const uint64_t bound : scale.bounds) range += static_cast<size_t>(value > bound);
    return range;
  }

  Scale scale_;
  Counters counters_;
};

// Nanoseconds: 1 us to 10 s.
inline constexpr std::array<uint64_t, 22> kTimeBounds = {
    1'000,         2'500,         5'000,         10'000,        25'000,      50'000,
    100'000,       250'000,       500'000,       1'000'000,     2'500'000,   5'000'000,
    10'000'000,    25'000'000,    50'000'000,    100'000'000,   250'000'000, 500'000'000,
    1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000};

// Shown as seconds. Of calls: from 10 us, as the network takes longer.
inline constexpr Scale kSecondsFrom1us = {kTimeBounds, 1e9};
inline constexpr Scale kSecondsFrom10us = {std::span(kTimeBounds).subspan<3>(), 1e9};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_HISTOGRAM_H_
