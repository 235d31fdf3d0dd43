// Counters that many threads add to without waiting for each other.
#ifndef DIGITS_SERVER_SERVICE_COUNTERS_H_
#define DIGITS_SERVER_SERVICE_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/service/thread_number.h"

namespace digits {

// A number of counters that begin at 0. Each of some threads has a shard of its own, which holds
// all of them on cache lines of its own: it adds there without the processor's lock. All further
// threads add to one more shard with it, which takes five times as long. Nothing is ever lost. May
// be used from any number of threads at once; all memory is allocated by the constructor.
class Counters {
 public:
  // `threads`: how many get a shard of their own, kThreadNumbers at most.
  Counters(size_t counters, size_t threads);

  // `counter`: below the number of them. Totals wrap around at 2^64.
  void Add(size_t counter, uint64_t amount = 1) {
    const size_t thread = ThreadNumber();
    if (thread < own_shards_) [[likely]] {
      std::atomic<uint64_t>& own = At(thread, counter);
      own.store(own.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    } else {
      At(own_shards_, counter).fetch_add(amount, std::memory_order_relaxed);
    }
  }

  // What has been added; while threads add, some of that, and never less than before.
  uint64_t Total(size_t counter) const;

 private:
  static constexpr size_t kLineCounters = 8;
  struct alignas(64) Line {
    std::array<std::atomic<uint64_t>, kLineCounters> counters = {};
  };

  std::atomic<uint64_t>& At(size_t shard, size_t counter) {
    return lines_[shard * shard_lines_ + counter / kLineCounters].counters[counter % kLineCounters];
  }

  size_t own_shards_;
  size_t shard_lines_;
  std::vector<Line> lines_;  // (own_shards_ + 1) x shard_lines_
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_COUNTERS_H_
