#include "server/files/loading_memory.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace digits {
namespace {

long PageFaults() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// As calls with batches do, several of which are under way at once.
void UseMessages(size_t bytes, int rounds) {
  std::array<void*, 4> messages = {};
  for (int i = 0; i < rounds; ++i) {
    for (void*& message : messages) {
      message = std::malloc(bytes);
      std::memset(message, i, bytes);
      asm volatile("" ::"r"(message) : "memory");  // or all of it would be left out
    }
    for (void* const message : messages) std::free(message);
  }
}

class LoadingMemoryTest : public ::testing::TestWithParam<size_t> {};

TEST_P(LoadingMemoryTest, AfterwardsMessagesUseTheSamePagesAgain) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers have allocators of their own";
#endif
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);  // or a fault may bring 512 pages
  { const LoadingMemory memory(2); }
  std::thread([] {
    UseMessages(GetParam(), 2);
    const long before = PageFaults();
    UseMessages(GetParam(), 100);  // which have 76,600 pages and more
    EXPECT_LT(PageFaults() - before, 1'000);
  }).join();
}

// Of 1,000 images, and of 10,000.
INSTANTIATE_TEST_SUITE_P(Batches, LoadingMemoryTest, ::testing::Values(784'000, 7'840'000));

}  // namespace
}  // namespace digits
