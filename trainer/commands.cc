#include "trainer/commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

namespace digits {

int Fail(const absl::Status& status) {
  fmt::print(stderr, "digits-trainer: {}\n", std::string(status.message()));
  return 1;
}

int RefuseUsage(const absl::Status& status) {
  fmt::print(stderr, "digits-trainer: {}\nRun with --help for more information.\n",
             std::string(status.message()));
  return 2;
}

}  // namespace digits
