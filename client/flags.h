// Flags that also come from the environment and from a file.
#ifndef DIGITS_CLIENT_FLAGS_H_
#define DIGITS_CLIENT_FLAGS_H_

#include <CLI/CLI.hpp>

#include "client/connection.h"

namespace digits {

// Lets the option be set by DIGITS_ and its name in capitals ("--in-flight": DIGITS_IN_FLIGHT).
void FromEnvironment(CLI::Option* option);

// Adds --config. What the command line or the environment sets, the file does not.
void AddConfigFile(CLI::App& app);

// Adds what all sub-commands need to reach a server. `options` must outlive the parsing.
void AddConnectionFlags(CLI::App& app, ConnectionOptions& options);

}  // namespace digits

#endif  // DIGITS_CLIENT_FLAGS_H_
