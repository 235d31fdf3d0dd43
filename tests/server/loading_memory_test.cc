#include "server/loading_memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace digits {
namespace {

constexpr size_t kMessageBytes = 784'000;

long PageFaults() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// As calls with batches do, several of which are under way at once.
void UseMessages(int rounds) {
  std::array<void*, 4> messages = {};
  for (int i = 0; i < rounds; ++i) {
    for (void*& message : messages) {
      message = std::malloc(kMessageBytes);
      std::memset(message, i, kMessageBytes);
      asm volatile("" ::"r"(message) : "memory");  // or all of it would be left out
    }
    for (void* const message : messages) std::free(message);
  }
}

TEST(LoadingMemoryTest, AfterwardsMessagesUseTheSamePagesAgain) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers have allocators of their own";
#endif
  { const LoadingMemory memory; }
  std::thread([] {
    UseMessages(2);
    const long before = PageFaults();
    UseMessages(100);  // which have 76,600 pages
    EXPECT_LT(PageFaults() - before, 1'000);
  }).join();
}

}  // namespace
}  // namespace digits
