#include "trainer/commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

namespace digits {

int Fail(const absl::Status& status) {
  std::fputs(fmt::format("digits-trainer: {}\n", std::string(status.message())).c_str(), stderr);
  return 1;
}

int RefuseUsage(const absl::Status& status) {
  std::fputs(fmt::format("digits-trainer: {}\nRun with --help for more information.\n",
                         std::string(status.message()))
                 .c_str(),
             stderr);
  return 2;
}

}  // namespace digits
