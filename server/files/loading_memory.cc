#include "server/files/loading_memory.h"

#include <malloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace digits {
namespace {

constexpr int kMebi = 1 << 20;
constexpr size_t kPageBytes = 4096;

// More than the shipped models take; what a larger one takes beyond it comes in small pages.
constexpr int kHeapBytes = 64 * kMebi;
constexpr int kLargestHeapBlock = 32 * kMebi;  // that the C library allows

// Afterwards: from the one size on, blocks go back to the system when they are free, and so does
// what a heap has free at its end beyond the other. The library's own bounds follow the largest
// block seen: with four batches of 1,000 images under way at once they gave their memory back, and
// took it again, at every call. A batch of 10,000 images is a block of 8 MB. Each thread has a heap
// of its own, so they share what is kept.
constexpr int kLargeBytes = 16 * kMebi;
constexpr int kKeptBytes = 128 * kMebi;
constexpr int kLeastKeptBytes = 8 * kMebi;  // of a heap
constexpr int kMostKeptBytes = 32 * kMebi;
constexpr int kUsualPadding = 128 << 10;

}  // namespace

void LoadIntoHugePages() {
  mallopt(M_MMAP_THRESHOLD, kLargestHeapBlock);
  mallopt(M_TRIM_THRESHOLD, 2 * kHeapBytes);
  mallopt(M_TOP_PAD, kHeapBytes);
  void* const end = std::malloc(kMebi);  // which makes the heap grow, without using what it gets
  mallopt(M_TOP_PAD, kUsualPadding);
  if (end == nullptr) return;
  const auto begin = (reinterpret_cast<uintptr_t>(end) + kPageBytes - 1) / kPageBytes * kPageBytes;
  madvise(reinterpret_cast<void*>(begin), kHeapBytes, MADV_HUGEPAGE);
  std::free(end);
}

LoadingMemory::LoadingMemory(size_t threads) : threads_(threads) { LoadIntoHugePages(); }

LoadingMemory::~LoadingMemory() {
  const int share = kKeptBytes / static_cast<int>(std::clamp<size_t>(threads_, 1, kKeptBytes));
  mallopt(M_MMAP_THRESHOLD, kLargeBytes);
  mallopt(M_TRIM_THRESHOLD, std::clamp(share, kLeastKeptBytes, kMostKeptBytes));
  malloc_trim(0);
}

}  // namespace digits
