#include "server/service/log_limiter.h"

#include <algorithm>

namespace digits {

// A bucket that will be full at a time lacks a token for each interval until then, so the time says
// all about it.
std::optional<uint64_t> LogLimiter::Admit(std::chrono::steady_clock::time_point now) {
  constexpr int64_t kNanoseconds = std::chrono::nanoseconds{kInterval}.count();
  const int64_t time = std::chrono::nanoseconds{now.time_since_epoch()}.count();
  int64_t full_at = full_at_.load(std::memory_order_relaxed);
  int64_t then = 0;  // the same without this line's token
  do {
    then = std::max(full_at, time) + kNanoseconds;
    if (then > time + kLinesAtOnce * kNanoseconds) {
      suppressed_.fetch_add(1, std::memory_order_relaxed);
      return std::nullopt;
    }
  } while (!full_at_.compare_exchange_weak(full_at, then, std::memory_order_relaxed));
  return suppressed_.exchange(0, std::memory_order_relaxed);
}

}  // namespace digits
