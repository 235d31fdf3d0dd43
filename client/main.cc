#include <fmt/format.h>
#include <grpc/grpc.h>

#include <CLI/CLI.hpp>
#include <array>
#include <exception>
#include <new>
#include <span>
#include <sstream>
#include <string>

#include "client/commands.h"
#include "client/flags.h"
#include "client/printable.h"
#include "server/files/standard_streams.h"

namespace {

constexpr char kFooter[] =
    "The flags above go with every command. digits-client COMMAND --help tells of its own.\n"
    "A flag comes before its environment variable, and that before the file.\n"
    "\nExit codes: 0 done, 1 failed, 2 wrong usage.";

int Fail(const absl::Status& status) {
  const std::string message(status.message());
  digits::WriteStderr(fmt::format("digits-client: {}\n", digits::Printable(message)));
  return 1;
}

// Prints the help or the version that was asked for, or what is wrong with the flags.
int ExitAfterParsing(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out;
  std::ostringstream err;
  const bool wrong = app.exit(error, out, err) != 0;
  digits::WriteStderr(err.str());
  const absl::Status status = digits::WriteStdout(out.str());
  if (wrong) return 2;
  return status.ok() ? 0 : Fail(status);
}

absl::Status Run(std::span<const digits::Command> commands, std::ostream& results) {
  try {
    for (const digits::Command& command : commands) {
      if (command.app->parsed()) return command.run(results);
    }
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("not enough memory");
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  digits::PrepareStandardStreams();
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
  const std::array commands = {
      digits::ClassifyCommand(app, connection), digits::ModelCommand(app, connection),
      digits::HealthCommand(app, connection), digits::BenchCommand(app, connection)};
  try {
    app.parse(argc, argv);
    // Asked of CLI11 itself, this would hide what is wrong with an unknown command.
    if (app.get_subcommands().empty()) throw CLI::RequiredError::Subcommand(1);
  } catch (const CLI::ParseError& error) {
    return ExitAfterParsing(app, error);
  }

  std::ostringstream results;
  const absl::Status status = Run(commands, results);
  const absl::Status written = digits::WriteStdout(results.str());
  if (!written.ok()) Fail(written);
  if (!status.ok()) Fail(status);
  return status.ok() && written.ok() ? 0 : 1;
}
