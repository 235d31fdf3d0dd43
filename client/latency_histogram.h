// How long things took.
#ifndef DIGITS_CLIENT_LATENCY_HISTOGRAM_H_
#define DIGITS_CLIENT_LATENCY_HISTOGRAM_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace digits {

// Counts durations in buckets that are 1.6 % wide at most, in fixed memory: exact below 128 ns,
// then 64 buckets from each power of two to the next, as HdrHistogram does it.
class LatencyHistogram {
 public:
  using Duration = std::chrono::nanoseconds;

  // Negative ones count as 0.
  void Add(Duration duration);
  void Add(const LatencyHistogram& other);

  uint64_t count() const { return count_; }
  Duration max() const { return max_; }
  // The mean; 0 where there is none.
  Duration mean() const;

  // The least duration that `share` (0 to 1) of all do not exceed, no more than a bucket's width
  // too long; 0 where there is none.
  Duration Quantile(double share) const;

  // How many are in buckets that end at `limit` or before.
  uint64_t CountUpTo(Duration limit) const;

 private:
  static constexpr int kBucketBits = 6;
  static constexpr uint64_t kHalf = uint64_t{1} << kBucketBits;

  static size_t BucketOf(uint64_t nanoseconds);
  static uint64_t LastOf(size_t bucket);

  // Of 63 bits: what a Duration holds.
  std::array<uint64_t, kHalf*(64 - kBucketBits)> buckets_{};
  uint64_t count_ = 0;
  double sum_ = 0;  // nanoseconds
  Duration max_{0};
};

}  // namespace digits

#endif  // DIGITS_CLIENT_LATENCY_HISTOGRAM_H_
