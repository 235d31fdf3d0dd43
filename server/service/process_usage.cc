#include "server/service/process_usage.h"

#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <system_error>

namespace digits {
namespace {

// The fields of /proc/self/stat and their order: proc(5). The second is a name in parentheses that
// may hold anything, so counting begins after it.
constexpr int kThirdField = 3;
constexpr int kStartTimeField = 22;  // in clock ticks since the system started

std::optional<double> SystemStartSeconds() {
  std::ifstream in("/proc/stat");
  std::string name;
  double seconds = 0;
  while (in >> name) {
    if (name == "btime" && in >> seconds) return seconds;
    in.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return std::nullopt;
}

std::optional<double> StartTimeSeconds() {
  const std::optional<double> system_start = SystemStartSeconds();
  std::ifstream in("/proc/self/stat");
  const std::string stat{std::istreambuf_iterator<char>(in), {}};
  const size_t name_end = stat.rfind(')');
  if (!system_start.has_value() || name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int field = kThirdField; field < kStartTimeField; ++field) fields >> skipped;
  double ticks = 0;
  if (!(fields >> ticks)) return std::nullopt;
  return *system_start + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::optional<double> CpuSeconds() {
  timespec time{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return std::nullopt;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::optional<uint64_t> ResidentBytes() {
  std::ifstream in("/proc/self/statm");
  uint64_t all_pages = 0;
  uint64_t resident_pages = 0;
  if (!(in >> all_pages >> resident_pages)) return std::nullopt;
  return resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

std::optional<uint64_t> OpenFds() {
  std::error_code error;
  uint64_t entries = 0;
  for (std::filesystem::directory_iterator i("/proc/self/fd", error), end; !error && i != end;
       i.increment(error)) {
    ++entries;
  }
  if (error || entries == 0) return std::nullopt;
  return entries - 1;  // without the one that read the folder
}

}  // namespace

ProcessUsage ReadProcessUsage() {
  return {.start_time_seconds = StartTimeSeconds(),
          .cpu_seconds = CpuSeconds(),
          .resident_bytes = ResidentBytes(),
          .open_fds = OpenFds()};
}

}  // namespace digits
