// Cuts long loops over floats between threads.
#ifndef DIGITS_TRAINER_TRAINING_PARALLEL_H_
#define DIGITS_TRAINER_TRAINING_PARALLEL_H_

#include <omp.h>

#include <algorithm>
#include <cstddef>

#include "trainer/training/buffer.h"

namespace digits {

// Below this a team of threads costs more than it saves.
inline constexpr size_t kParallelFloats = size_t{1} << 15;

// f(begin, end) for ranges that make up 0 to size, each beginning at a multiple of kLanes, on as
// many threads as OpenMP has where there are enough floats. f must not throw.
template <typename F>
void ForRanges(size_t size, const F& f) {
  const size_t threads = size < kParallelFloats ? 1 : static_cast<size_t>(omp_get_max_threads());
  if (threads == 1) {
    f(size_t{0}, size);
    return;
  }
  const size_t share = RoundUpToLanes((size + threads - 1) / threads);
#pragma omp parallel for schedule(static, 1)
  for (size_t t = 0; t < threads; ++t) {
    const size_t begin = std::min(size, t * share);
    const size_t end = std::min(size, begin + share);
    if (begin < end) f(begin, end);
  }
}

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_PARALLEL_H_
