#include <fmt/format.h>
#include <grpc/grpc.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>

#include "client/commands.h"
#include "client/flags.h"

namespace {

constexpr char kFooter[] =
    "The flags above go with every command. digits-client COMMAND --help tells of its own.\n"
    "A flag comes before its environment variable, and that before the file.\n"
    "\nExit codes: 0 done, 1 failed, 2 wrong usage.";

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  // Never shut down again: that can wait ten seconds for a thread that polls for nothing any more.
  grpc_init();
  CLI::App app("Classifies handwritten digits by a digits-server.", "digits-client");
  app.set_version_flag("--version", "digits-client " DIGITS_VERSION);
  app.footer(kFooter);
  app.get_formatter()->column_width(36);
  app.require_subcommand(1);
  app.fallthrough();
  digits::ConnectionOptions connection;
  digits::AddConnectionFlags(app, connection);
  digits::AddConfigFile(app);
  const std::array commands = {digits::ClassifyCommand(app, connection),
                               digits::ModelCommand(app, connection),
                               digits::HealthCommand(app, connection)};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  absl::Status status;
  for (const digits::Command& command : commands) {
    if (command.app->parsed()) status = command.run(std::cout);
  }
  if (!std::cout.flush()) {
    // Where the reader has gone, as in `| head`, it has what it wanted.
    if (errno != EPIPE) {
      fmt::print(stderr, "digits-client: cannot write the results to stdout: {}\n",
                 std::strerror(errno));
    }
    return 1;
  }
  if (!status.ok()) {
    fmt::print(stderr, "digits-client: {}\n", std::string(status.message()));
    return 1;
  }
  return 0;
}
