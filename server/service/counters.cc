#include "server/service/counters.h"

#include <algorithm>

namespace digits {

Counters::Counters(size_t counters, size_t threads)
    : own_shards_(std::min(threads, kThreadNumbers)),
      shard_lines_((counters + kLineCounters - 1) / kLineCounters),
      lines_((own_shards_ + 1) * shard_lines_) {}

uint64_t Counters::Total(size_t counter) const {
  uint64_t total = 0;
  for (size_t line = counter / kLineCounters; line < lines_.size(); line += shard_lines_) {
    total += lines_[line].counters[counter % kLineCounters].load(std::memory_order_relaxed);
  }
  return total;
}

}  // namespace digits
