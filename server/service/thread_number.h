// Small numbers for threads.
#ifndef DIGITS_SERVER_SERVICE_THREAD_NUMBER_H_
#define DIGITS_SERVER_SERVICE_THREAD_NUMBER_H_

#include <cstddef>

namespace digits {

inline constexpr size_t kThreadNumbers = 64;

namespace internal {

inline constexpr size_t kNoThreadNumberYet = kThreadNumbers + 1;
inline constinit thread_local size_t thread_number = kNoThreadNumberYet;

size_t TakeThreadNumber();

}  // namespace internal

// The lowest number that no other thread had when this one first asked: below kThreadNumbers, and
// its own until it ends, then another thread's, which sees all that the former one has written. Or
// kThreadNumbers, which any number of threads may have: where no other one was left, and in a
// thread that is ending.
inline size_t ThreadNumber() {
  const size_t number = internal::thread_number;
  return number != internal::kNoThreadNumberYet ? number : internal::TakeThreadNumber();
}

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_THREAD_NUMBER_H_
