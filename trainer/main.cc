#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <exception>
#include <new>
#include <span>
#include <sstream>

#include "server/files/standard_streams.h"
#include "trainer/commands.h"

namespace {

// Prints the help or the version that was asked for, or what is wrong with the flags.
int ExitAfterParsing(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out;
  std::ostringstream err;
  const bool wrong = app.exit(error, out, err) != 0;
  digits::WriteStderr(err.str());
  const absl::Status status = digits::WriteStdout(out.str());
  if (wrong) return 2;
  return status.ok() ? 0 : digits::Fail(status);
}

int Run(std::span<const digits::Command> commands, std::ostream& results) {
  try {
    for (const digits::Command& command : commands) {
      if (command.app->parsed()) return command.run(results);
    }
  } catch (const std::bad_alloc&) {
    return digits::Fail(absl::ResourceExhaustedError("not enough memory"));
  } catch (const std::exception& error) {  // such as oneDNN's
    return digits::Fail(absl::InternalError(error.what()));
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  digits::PrepareStandardStreams();
  CLI::App app("Trains networks that read handwritten digits.", "digits-trainer");
  app.set_version_flag("--version", DIGITS_VERSION);
  app.require_subcommand(1);
  const std::array commands = {digits::FitCommand(app),       digits::DistillCommand(app),
                               digits::EvaluateCommand(app),  digits::ReportCommand(app),
                               digits::CalibrateCommand(app), digits::ConvertCommand(app),
                               digits::FetchCommand(app),     digits::SheetCommand(app)};
  // A file that may not grow further is an error of its write, and no end of the program.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ExitAfterParsing(app, error);
  }

  std::ostringstream results;
  const int exit_code = Run(commands, results);
  const absl::Status written = digits::WriteStdout(results.str());
  return written.ok() ? exit_code : digits::Fail(written);
}
