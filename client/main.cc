#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>

#include "client/commands.h"
#include "client/flags.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  CLI::App app("Classifies handwritten digits by a digits-server.", "digits-client");
  app.set_version_flag("--version", DIGITS_VERSION);
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
  errno = 0;
  if (!std::cout.flush()) {
    // Where the reader has gone, as in `| head`, it has what it wanted.
    if (errno != EPIPE) fmt::print(stderr, "digits-client: cannot write the results to stdout\n");
    return 1;
  }
  if (!status.ok()) {
    fmt::print(stderr, "digits-client: {}\n", std::string(status.message()));
    return 1;
  }
  return 0;
}
