// What is counted of pictures that become 28x28 images.
#ifndef DIGITS_SERVER_SERVICE_PICTURE_METRICS_H_
#define DIGITS_SERVER_SERVICE_PICTURE_METRICS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "server/service/counters.h"
#include "server/service/histogram.h"

namespace digits {

// May be used from any number of threads at once.
class PictureMetrics {
 public:
  // `threads`: as for Counters.
  explicit PictureMetrics(size_t threads)
      : counters_(kCounters, threads), seconds_(kSecondsFrom1us, threads) {}

  // A picture has become an image, or has turned out to be blank, in so much time.
  void Normalized(std::chrono::nanoseconds time) {
    counters_.Add(kNormalized);
    seconds_.Record(time);
  }
  void Blank(std::chrono::nanoseconds time) {
    counters_.Add(kBlank);
    seconds_.Record(time);
  }

  uint64_t normalized() const { return counters_.Total(kNormalized); }
  uint64_t blank() const { return counters_.Total(kBlank); }
  const Histogram& seconds() const { return seconds_; }

 private:
  enum : size_t { kNormalized, kBlank, kCounters };

  Counters counters_;
  Histogram seconds_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_PICTURE_METRICS_H_
