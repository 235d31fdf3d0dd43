#include "client/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace digits {

void LatencyHistogram::Add(Duration duration) {
  const Duration counted = std::max(duration, Duration(0));
  ++buckets_[BucketOf(static_cast<uint64_t>(counted.count()))];
  ++count_;
  sum_ += static_cast<double>(counted.count());
  max_ = std::max(max_, counted);
}

void LatencyHistogram::Add(const LatencyHistogram& other) {
  for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

LatencyHistogram::Duration LatencyHistogram::mean() const {
  if (count_ == 0) return Duration(0);
  return Duration(std::llround(sum_ / static_cast<double>(count_)));
}

LatencyHistogram::Duration LatencyHistogram::Quantile(double share) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted && seen > 0) {
      return std::min(max_, Duration(static_cast<Duration::rep>(LastOf(i))));
    }
  }
  return max_;
}

uint64_t LatencyHistogram::CountUpTo(Duration limit) const {
  uint64_t count = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    if (LastOf(i) > static_cast<uint64_t>(std::max(limit, Duration(0)).count())) break;
    count += buckets_[i];
  }
  return count;
}

// Below 2 x kHalf a bucket each; from there, the highest kBucketBits + 1 bits tell.
size_t LatencyHistogram::BucketOf(uint64_t nanoseconds) {
  const int shift = std::max(0, static_cast<int>(std::bit_width(nanoseconds)) - kBucketBits - 1);
  return static_cast<size_t>(shift) * kHalf + (nanoseconds >> shift);
}

uint64_t LatencyHistogram::LastOf(size_t bucket) {
  if (bucket < 2 * kHalf) return bucket;
  const uint64_t shift = bucket / kHalf - 1;
  return ((bucket - shift * kHalf + 1) << shift) - 1;
}

}  // namespace digits
