// The server's settings: flags, environment, configuration file.
#ifndef DIGITS_SERVER_FLAGS_H_
#define DIGITS_SERVER_FLAGS_H_

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/engine/onednn_classifier.h"
#include "server/http/server.h"
#include "server/service/log.h"
#include "server/service/server.h"

namespace digits {

struct NamedFile {
  std::string name;
  std::string file;
};

struct Options {
  ServerOptions server;
  std::optional<HttpOptions> http;  // none: not served
  std::vector<NamedFile> models;    // the first is the default one; none: the embedded one
  Precision precision = Precision::kAuto;
  std::chrono::milliseconds drain_delay{0};
  std::chrono::milliseconds drain_timeout{20'000};
  LogFormat log_format = LogFormat::kText;
  spdlog::level::level_enum log_level = spdlog::level::info;
};

// The options; or the exit code where there is nothing to run, after having written why: 0 after
// --help and --version, 2 after wrong usage.
std::variant<Options, int> ParseFlags(int argc, char** argv);

}  // namespace digits

#endif  // DIGITS_SERVER_FLAGS_H_
