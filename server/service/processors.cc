#include "server/service/processors.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"

namespace digits {
namespace {

namespace fs = std::filesystem;

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

// Of one group: microseconds of a processor in a period of so many.
double Ratio(double quota, double period) {
  return quota > 0 && period > 0 ? quota / period : kUnlimited;
}

// cpu.max: "50000 100000", or "max 100000".
double Version2Quota(const fs::path& group) {
  std::ifstream file(group / "cpu.max");
  double quota = 0;
  double period = 0;
  return file >> quota >> period ? Ratio(quota, period) : kUnlimited;
}

double Version1Quota(const fs::path& group) {
  double quota = 0;  // -1: none
  double period = 0;
  std::ifstream(group / "cpu.cfs_quota_us") >> quota;
  std::ifstream(group / "cpu.cfs_period_us") >> period;
  return Ratio(quota, period);
}

// The least of a group's quota and of those above it. In a container, the group's path may be one
// of the host that is not to be seen, and its own quota is then in `mount` itself.
template <typename Quota>
double LeastQuota(const fs::path& mount, const fs::path& group, Quota quota) {
  double least = quota(mount);
  fs::path path = mount;
  for (const fs::path& part : group.relative_path()) {
    path /= part;
    least = std::min(least, quota(path));
  }
  return least;
}

// hardware_concurrency() counts those of the machine.
size_t AffineProcessors() {
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) return static_cast<size_t>(CPU_COUNT(&mask));
  return std::max(1U, std::thread::hardware_concurrency());  // more of them than the mask holds
}

}  // namespace

size_t AvailableProcessors(const std::string& root) {
  double quota = kUnlimited;
  const fs::path mounts = root + "/sys/fs/cgroup";
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    // "4:cpu,cpuacct:/a/b", or of version 2 "0::/a/b".
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    if (fields[1].empty()) {
      quota = std::min(quota, LeastQuota(mounts, fields[2], Version2Quota));
      continue;
    }
    const std::vector<std::string> controllers = absl::StrSplit(fields[1], ',');
    if (std::ranges::find(controllers, "cpu") == controllers.end()) continue;
    for (const std::string& mount : {fields[1], std::string("cpu")}) {
      quota = std::min(quota, LeastQuota(mounts / mount, fields[2], Version1Quota));
    }
  }
  const size_t processors = AffineProcessors();
  if (quota >= static_cast<double>(processors)) return processors;
  return std::max<size_t>(1, static_cast<size_t>(std::ceil(quota)));
}

}  // namespace digits
