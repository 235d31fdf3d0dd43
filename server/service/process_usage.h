// What the operating system says of this process.
#ifndef DIGITS_SERVER_SERVICE_PROCESS_USAGE_H_
#define DIGITS_SERVER_SERVICE_PROCESS_USAGE_H_

#include <cstdint>
#include <optional>

namespace digits {

// Without what the system does not tell: Linux tells all, where /proc is mounted.
struct ProcessUsage {
  std::optional<double> start_time_seconds;  // since 1970
  std::optional<double> cpu_seconds;         // of all threads, in user and system mode
  std::optional<uint64_t> resident_bytes;
  std::optional<uint64_t> open_fds;
};

// As it is now. From any thread.
ProcessUsage ReadProcessUsage();

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_PROCESS_USAGE_H_
