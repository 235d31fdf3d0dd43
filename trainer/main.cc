#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>

#include "trainer/commands.h"

int main(int argc, char** argv) {
  CLI::App app("Trains networks that read handwritten digits.", "digits-trainer");
  app.set_version_flag("--version", DIGITS_VERSION);
  app.require_subcommand(1);
  const std::array commands = {digits::FitCommand(app), digits::EvaluateCommand(app),
                               digits::ConvertCommand(app), digits::FetchCommand(app),
                               digits::SheetCommand(app)};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  int exit_code = 1;
  try {
    for (const digits::Command& command : commands) {
      if (command.app->parsed()) exit_code = command.run(std::cout);
    }
  } catch (const std::bad_alloc&) {
    std::fputs("digits-trainer: not enough memory\n", stderr);
    return 1;
  } catch (const std::exception& error) {  // such as oneDNN's
    std::fputs(fmt::format("digits-trainer: {}\n", error.what()).c_str(), stderr);
    return 1;
  }
  if (!std::cout.flush()) {
    std::fputs("digits-trainer: cannot write the results to stdout\n", stderr);
    return 1;
  }
  return exit_code;
}
