#include "server/service/thread_number.h"

#include <atomic>
#include <bit>
#include <cstdint>

namespace digits {
namespace {

constinit std::atomic<uint64_t> taken = 0;  // a bit for each number
static_assert(kThreadNumbers == 64);

class Holder {
 public:
  Holder() {
    uint64_t before = taken.load(std::memory_order_relaxed);
    do {
      number_ = static_cast<size_t>(std::countr_one(before));
      if (number_ == kThreadNumbers) break;
    } while (!taken.compare_exchange_weak(before, before | Bit(), std::memory_order_acquire,
                                          std::memory_order_relaxed));
    internal::thread_number = number_;
  }
  ~Holder() {
    internal::thread_number = kThreadNumbers;
    if (number_ < kThreadNumbers) taken.fetch_and(~Bit(), std::memory_order_release);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

 private:
  uint64_t Bit() const { return uint64_t{1} << number_; }

  size_t number_ = kThreadNumbers;
};

}  // namespace

namespace internal {

size_t TakeThreadNumber() {
  static thread_local const Holder holder;
  return thread_number;
}

}  // namespace internal
}  // namespace digits
