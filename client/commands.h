// The sub-commands. Each adds its flags to `app`; `app` and `connection` must outlive what it
// returns.
#ifndef DIGITS_CLIENT_COMMANDS_H_
#define DIGITS_CLIENT_COMMANDS_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <ostream>

#include "absl/status/status.h"
#include "client/connection.h"

namespace digits {

struct Command {
  CLI::App* app;
  // Does what was asked, with its results on `out`.
  std::function<absl::Status(std::ostream& out)> run;
};

inline constexpr char kCommandFooter[] =
    "And the flags of every command: --server, --timeout, --config (see digits-client --help).";

// Of --raw, which says how picture files are read.
inline constexpr char kRawHelp[] =
    "Take pictures as they are: 28x28, light on dark;\notherwise their ink is found, fitted and "
    "centred";

Command ClassifyCommand(CLI::App& app, const ConnectionOptions& connection);
Command ModelCommand(CLI::App& app, const ConnectionOptions& connection);
Command HealthCommand(CLI::App& app, const ConnectionOptions& connection);
Command BenchCommand(CLI::App& app, const ConnectionOptions& connection);

}  // namespace digits

#endif  // DIGITS_CLIENT_COMMANDS_H_
