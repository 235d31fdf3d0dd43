#include "server/service/processors.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/temporary_folder.h"

namespace digits {
namespace {

class ProcessorsTest : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = folder_.path() + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  size_t Available() const { return AvailableProcessors(folder_.path()); }

  static size_t OfTheMask() {
    cpu_set_t mask;
    EXPECT_EQ(sched_getaffinity(0, sizeof mask, &mask), 0);
    return static_cast<size_t>(CPU_COUNT(&mask));
  }

  const size_t all_ = OfTheMask();
  TemporaryFolder folder_;
};

TEST_F(ProcessorsTest, WithoutAQuotaAreThoseOfTheAffinityMask) {
  EXPECT_EQ(Available(), all_);
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_EQ(Available(), all_);

  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i) {
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(Available(), 1U);
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
}

TEST_F(ProcessorsTest, AQuotaIsRoundedUp) {
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(Available(), 1U);
  if (all_ < 2) GTEST_SKIP() << "there is one processor only";
  Write("/sys/fs/cgroup/cpu.max", "100001 100000\n");
  EXPECT_EQ(Available(), 2U);
}

TEST_F(ProcessorsTest, AQuotaBeyondTheMaskGivesNoMore) {
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/cpu.max", "100000000 100000\n");
  EXPECT_EQ(Available(), all_);
}

TEST_F(ProcessorsTest, TheLeastOfAGroupAndThoseAboveItCounts) {
  Write("/proc/self/cgroup", "0::/kubepods/pod\n");
  Write("/sys/fs/cgroup/kubepods/cpu.max", "70000 100000\n");
  Write("/sys/fs/cgroup/kubepods/pod/cpu.max", "max 100000\n");
  EXPECT_EQ(Available(), 1U);
}

TEST_F(ProcessorsTest, Version1IsReadToo) {
  Write("/proc/self/cgroup", "7:memory:/pod\n4:cpu,cpuacct:/pod\n0::/\n");
  Write("/sys/fs/cgroup/cpu,cpuacct/pod/cpu.cfs_quota_us", "-1\n");
  Write("/sys/fs/cgroup/cpu,cpuacct/pod/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(Available(), all_);
  // In a container: of itself, under another path than the host's.
  Write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n");
  Write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(Available(), 1U);
}

TEST_F(ProcessorsTest, WhatMakesNoSenseIsNoQuota) {
  for (const char* text : {"", "0 100000\n", "-5 100000\n", "50000 0\n", "a b\n"}) {
    Write("/proc/self/cgroup", "0::/\nnonsense\n");
    Write("/sys/fs/cgroup/cpu.max", text);
    EXPECT_EQ(Available(), all_) << text;
  }
}

}  // namespace
}  // namespace digits
