// Keeps a flood of lines out of a log.
#ifndef DIGITS_SERVER_SERVICE_LOG_LIMITER_H_
#define DIGITS_SERVER_SERVICE_LOG_LIMITER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace digits {

// A bucket of tokens, one a line: kLinesAtOnce at most and at first, and another one each
// kInterval. May be used from any number of threads at once; takes no lock.
class LogLimiter {
 public:
  static constexpr int kLinesAtOnce = 10;
  static constexpr std::chrono::seconds kInterval{1};

  // Whether a line may be written at `now`: if so, how many may not have been since the last one
  // that was. Each of those is told of once.
  std::optional<uint64_t> Admit(std::chrono::steady_clock::time_point now);

 private:
  // When the bucket will be full, in nanoseconds of the clock.
  std::atomic<int64_t> full_at_ = 0;
  std::atomic<uint64_t> suppressed_ = 0;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_LOG_LIMITER_H_
