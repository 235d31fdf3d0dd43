// Memory for rows of floats.
#ifndef DIGITS_TRAINER_TRAINING_BUFFER_H_
#define DIGITS_TRAINER_TRAINING_BUFFER_H_

#include <cstddef>
#include <new>
#include <span>
#include <vector>

namespace digits {

// Floats that the kernels take at a time: one AVX-512 register, one cache line.
inline constexpr size_t kLanes = 16;

constexpr size_t RoundUpToLanes(size_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

template <typename T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  CacheLineAllocator() = default;
  template <typename U>
  // NOLINTNEXTLINE(google-explicit-constructor): allocators convert into one another.
  CacheLineAllocator(const CacheLineAllocator<U>&) {}

  T* allocate(size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kAlignment)); }
  void deallocate(T* p, size_t) { ::operator delete(p, kAlignment); }

  template <typename U>
  bool operator==(const CacheLineAllocator<U>&) const {
    return true;
  }
};

// Zeros at first, aligned to a cache line.
using FloatBuffer = std::vector<float, CacheLineAllocator<float>>;

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_BUFFER_H_
