#include "trainer/commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

namespace digits {

void AddSplitFlag(CLI::App& command, Split& split) {
  command
      .add_option_function<std::string>(
          "--split",
          [&split](const std::string& part) {
            split = part == "train" ? Split::kTrain : Split::kTest;
          },
          "Which part, where the data has two")
      ->check(CLI::IsMember({"train", "test"}))
      ->type_name("NAME")
      ->default_str("test");
}

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
