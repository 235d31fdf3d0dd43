// How many processors there are to use.
#ifndef DIGITS_SERVER_SERVICE_PROCESSORS_H_
#define DIGITS_SERVER_SERVICE_PROCESSORS_H_

#include <cstddef>
#include <string>

namespace digits {

// Those of the affinity mask, or as many as the CPU quotas of this process's control groups
// (version 1 and 2) are worth, rounded up; at least 1. `root` stands before /proc and /sys.
size_t AvailableProcessors(const std::string& root = "");

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_PROCESSORS_H_
