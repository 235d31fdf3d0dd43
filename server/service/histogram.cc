#include "server/service/histogram.h"

namespace digits {

std::vector<uint64_t> Histogram::Counts() const {
  std::vector<uint64_t> counts(scale_.bounds.size() + 1);
  for (size_t i = 0; i < counts.size(); ++i) counts[i] = counters_.Total(kFirstRange + i);
  return counts;
}

}  // namespace digits
