#include <fmt/format.h>
#include <grpc/grpc.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <string>
#include <utility>

#include "client/commands.h"
#include "client/flags.h"

namespace {

constexpr char kFooter[] =
    "The flags above go with every command. digits-client COMMAND --help tells of its own.\n"
    "A flag comes before its environment variable, and that before the file.\n"
    "\nExit codes: 0 done, 1 failed, 2 wrong usage.";

}  // namespace

int main(int argc, char** argv) {
  // Never shut down again: that can wait ten seconds for a thread that polls for nothing any more.
  grpc_init();
  CLI::App app("Classifies handwritten digits by a digits-server.", "digits-client");
  app.set_version_flag("--version", "digits-client " DIGITS_VERSION);
  app.footer(kFooter);
  app.get_formatter()->column_width(36);
  app.require_subcommand(0, 1);
  app.fallthrough();
  digits::ConnectionOptions connection;
  digits::AddConnectionFlags(app, connection);
  digits::AddConfigFile(app);
  const std::array commands = {digits::ClassifyCommand(app, connection),
                               digits::ModelCommand(app, connection),
                               digits::HealthCommand(app, connection)};
  try {
    app.parse(argc, argv);
    // Asked of CLI11 itself, this would hide what is wrong with an unknown command.
    if (app.get_subcommands().empty()) throw CLI::RequiredError::Subcommand(1);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  absl::Status status;
  std::ostringstream results;
  for (const digits::Command& command : commands) {
    if (command.app->parsed()) status = command.run(results);
  }
  const std::string text = std::move(results).str();
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    status = absl::DataLossError(
        fmt::format("cannot write the results to stdout: {}", std::strerror(errno)));
  }
  if (!status.ok()) {
    fmt::print(stderr, "digits-client: {}\n", std::string(status.message()));
    return 1;
  }
  return 0;
}
