#include "server/service/process_usage.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace digits {
namespace {

// As the kernel counts it another way: both must lie between two readings of the other.
double UsedCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

TEST(ProcessUsageTest, TheProcessStartedAMomentAgo) {
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  const ProcessUsage usage = ReadProcessUsage();
  ASSERT_TRUE(usage.start_time_seconds.has_value());
  EXPECT_LT(*usage.start_time_seconds, now + 2);    // the system's start is known to the second
  EXPECT_GT(*usage.start_time_seconds, now - 600);  // no test runs for so long
}

TEST(ProcessUsageTest, AProcessMayHaveAnyName) {
  const ProcessUsage before = ReadProcessUsage();
  ASSERT_EQ(prctl(PR_SET_NAME, ") S 1 (2 3"), 0);
  EXPECT_EQ(ReadProcessUsage().start_time_seconds, before.start_time_seconds);
}

TEST(ProcessUsageTest, ProcessorTimeIsThatOfUserAndSystem) {
  const double before = UsedCpuSeconds();
  volatile uint64_t work = 0;
  while (UsedCpuSeconds() < before + 0.1) work = work + 1;
  const ProcessUsage usage = ReadProcessUsage();
  ASSERT_TRUE(usage.cpu_seconds.has_value());
  EXPECT_GT(*usage.cpu_seconds, before + 0.08);
  EXPECT_LT(*usage.cpu_seconds, UsedCpuSeconds() + 0.02);
}

TEST(ProcessUsageTest, MemoryThatIsWrittenIsResident) {
  constexpr size_t kBytes = size_t{64} << 20;
  const ProcessUsage before = ReadProcessUsage();
  const std::vector<char> written(kBytes, 1);
  const ProcessUsage after = ReadProcessUsage();
  ASSERT_TRUE(before.resident_bytes.has_value());
  EXPECT_GE(*after.resident_bytes, *before.resident_bytes + kBytes * 9 / 10);
  EXPECT_EQ(written.back(), 1);
}

TEST(ProcessUsageTest, OpenFilesAreCounted) {
  const ProcessUsage before = ReadProcessUsage();
  const int file = open("/dev/null", O_RDONLY);
  const int copy = dup(file);
  const ProcessUsage after = ReadProcessUsage();
  close(file);
  close(copy);
  ASSERT_TRUE(before.open_fds.has_value());
  EXPECT_GE(*before.open_fds, 1U);
  EXPECT_EQ(*after.open_fds, *before.open_fds + 2);
  EXPECT_EQ(ReadProcessUsage().open_fds, before.open_fds);
}

}  // namespace
}  // namespace digits
