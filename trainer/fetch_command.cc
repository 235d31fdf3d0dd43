#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "trainer/commands.h"
#include "trainer/data/fetch.h"

namespace digits {

Command FetchCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "fetch", "Downloads MNIST's four files with curl and checks their SHA-256");
  const auto directory = std::make_shared<std::string>();
  command->add_option("DIRECTORY", *directory, "Where they go; made where it is missing")
      ->required();
  return {command, [directory](std::ostream&) {
            const absl::Status status = Fetch(MnistFiles(), *directory, [](std::string_view line) {
              std::fputs(fmt::format("{}\n", line).c_str(), stderr);
            });
            return status.ok() ? 0 : Fail(status);
          }};
}

}  // namespace digits
