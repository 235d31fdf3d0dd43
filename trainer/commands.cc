#include "trainer/commands.h"

#include <fmt/format.h>

#include <cstdio>

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

void AddPrecisionFlag(CLI::App& command, const std::string& flag, const std::string& description,
                      Precision& precision) {
  command
      .add_option_function<std::string>(
          flag,
          [&precision](const std::string& name) {
            precision = name == "int8" ? Precision::kInt8 : Precision::kF32;
          },
          description)
      ->check(CLI::IsMember({"f32", "int8"}))
      ->type_name("NAME")
      ->default_str("f32");
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
