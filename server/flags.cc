#include "server/flags.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <istream>
#include <map>
#include <memory>

#include "CLI/CLI.hpp"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "server/service/processors.h"

namespace digits {
namespace {

// More than this does not fit into a request.
constexpr size_t kMostBatchImages = 42'000;

constexpr size_t kMostThreads = 1024;
constexpr size_t kMostWaiting = 1'000'000;

// What --http takes in an address' stead.
constexpr char kNoHttp[] = "none";

constexpr char kFooter[] =
    "\nEvery option is also an environment variable, and a key in the file that --config names:\n"
    "--drain-delay 5s, DIGITS_DRAIN_DELAY=5s, drain-delay = \"5s\". A flag comes before the\n"
    "environment, and the environment before the file. TIME is a number of seconds, or one with\n"
    "its unit: 500ms, 5s, 2m, 1h. Several models: DIGITS_MODEL=[a=a.safetensors,b=b.safetensors]\n"
    "\nSIGTERM and SIGINT stop the server: health turns NOT_SERVING, calls are answered for\n"
    "--drain-delay more, then those under way are finished. A second signal ends it at once.\n"
    "\nExit codes: 0 stopped as asked, 1 failed, 2 wrong usage.";

// "drain-delay" -> "DIGITS_DRAIN_DELAY"
std::string EnvironmentName(const std::string& option) {
  std::string name = "DIGITS_" + option;
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
    return c == '-' ? '_' : static_cast<char>(std::toupper(c));
  });
  return name;
}

// The option's variable; empty where it is not set.
std::string Environment(const std::string& option) {
  const char* value = std::getenv(EnvironmentName(option).c_str());
  return value == nullptr ? "" : value;
}

// CLI11 lets the file override the environment; here it is the other way round.
class FileAfterEnvironment : public CLI::ConfigTOML {
 public:
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> settings = CLI::ConfigTOML::from_config(input);
    std::erase_if(settings, [](const CLI::ConfigItem& setting) {
      return !Environment(setting.name).empty();
    });
    return settings;
  }
};

// Validators of CLI11: an error, or an empty text.
std::string CheckNamedFile(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals != std::string::npos && equals > 0 && equals + 1 < text.size()) return "";
  return fmt::format("'{}' is not NAME=FILE, such as article=article.safetensors", text);
}

NamedFile ToNamedFile(const std::string& text) {
  const size_t equals = text.find('=');
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::chrono::milliseconds Seconds(double seconds) {
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

template <typename Value>
std::vector<std::string> Names(const std::map<std::string, Value>& values) {
  std::vector<std::string> names;
  names.reserve(values.size());
  for (const auto& [name, value] : values) names.push_back(name);
  return names;
}

}  // namespace

std::variant<Options, int> ParseFlags(int argc, char** argv) {
  const std::map<std::string, Precision> precisions = {
      {"auto", Precision::kAuto}, {"f32", Precision::kF32}, {"int8", Precision::kInt8}};
  const std::map<std::string, LogFormat> formats = {{"text", LogFormat::kText},
                                                    {"json", LogFormat::kJson}};
  const std::map<std::string, spdlog::level::level_enum> levels = {{"debug", spdlog::level::debug},
                                                                   {"info", spdlog::level::info},
                                                                   {"warn", spdlog::level::warn},
                                                                   {"error", spdlog::level::err}};
  Options options;
  options.server.service.threads = AvailableProcessors();
  HttpOptions http;
  std::vector<std::string> models;
  std::string precision = "auto";
  std::string format = "text";
  std::string level = "info";
  double max_connection_age = 0;
  double drain_delay = 0;
  double drain_timeout = 20;

  CLI::App app("Classifies handwritten digits over gRPC, digits.v1.DigitClassifier, and HTTP.",
               "digits-server");
  app.footer(kFooter);
  app.get_formatter()->column_width(36);
  app.option_defaults()->always_capture_default();
  app.set_version_flag("--version", "digits-server " DIGITS_VERSION);
  app.config_formatter(std::make_shared<FileAfterEnvironment>());
  app.allow_config_extras(CLI::config_extras_mode::error);

  const auto add = [&app](const std::string& name, auto& value, const std::string& help) {
    return app.add_option("--" + name, value, help)->envname(EnvironmentName(name));
  };
  const auto add_choice = [&](const std::string& name, std::string& value, const auto& choices,
                              const std::string& help) {
    const std::vector<std::string> names = Names(choices);
    add(name, value, help)
        ->type_name(fmt::format("{}", fmt::join(names, "|")))
        ->check(CLI::IsMember(names).description(""));
  };
  const auto add_duration = [&](const std::string& name, double& seconds, const std::string& help) {
    const CLI::AsNumberWithUnit to_seconds(
        std::map<std::string, double>{{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}},
        CLI::AsNumberWithUnit::CASE_SENSITIVE);
    add(name, seconds, help)
        ->default_str(fmt::format("{}s", seconds))
        ->transform(CLI::Validator(to_seconds).description(""))
        ->check(CLI::Range(0.0, 86'400.0).description(""))
        ->type_name("TIME");
  };

  add("listen", options.server.listen, "HOST:PORT, [IPV6]:PORT, or unix:PATH; port 0: any free one")
      ->type_name("ADDRESS");
  add("http", http.listen,
      "Where to serve the page, JSON over HTTP, and health:\nHOST:PORT or [IPV6]:PORT; none: "
      "nowhere")
      ->type_name("ADDRESS");
  add("model", models,
      "Weights to serve, repeatable; the first is the default.\nWithout: best, "
      "which is built in")
      ->type_name("NAME=FILE")
      ->default_str("")
      ->check(CLI::Validator([](std::string& text) { return CheckNamedFile(text); }, ""));
  add_choice("precision", precision, precisions,
             "What to compute in; auto: int8 where the model is\ncalibrated for it and it is exact "
             "and faster");
  add("threads", options.server.service.threads,
      "Threads that serve calls, and as many that compute\nbatches; by default a thread a "
      "processor, "
      "as far as\nthe CPU quota goes")
      ->type_name("N")
      ->default_str("")
      ->check(CLI::Range(size_t{1}, kMostThreads).description(""));
  add("max-waiting", options.server.service.max_waiting,
      "Images that may wait for a thread, of each model that\ntakes long; others are turned away")
      ->type_name("N")
      ->check(CLI::Range(size_t{1}, kMostWaiting).description(""));
  add("max-batch-images", options.server.max_batch_images, "The most images in a request")
      ->type_name("N")
      ->check(CLI::Range(size_t{1}, kMostBatchImages).description(""));
  add_duration(
      "drain-delay", drain_delay,
      "Go on serving for this long after health turned\nNOT_SERVING, for balancers to see");
  add_duration("drain-timeout", drain_timeout, "Let calls under way finish for this long");
  add_duration(
      "max-connection-age", max_connection_age,
      "Ask clients to connect anew after this long, so\nthat they see new servers; 0: never");
  add_choice("log-format", format, formats, "How to log on stderr");
  add_choice("log-level", level, levels, "The least to log");
  // CLI11 reads the file before it looks at the environment.
  const std::string config = Environment("config");
  app.set_config("--config", config, "Read settings from this file (TOML)", !config.empty())
      ->type_name("FILE")
      ->envname(EnvironmentName("config"));

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  http.computing = options.server.service.threads;
  if (http.listen != kNoHttp) options.http = http;
  std::transform(models.begin(), models.end(), std::back_inserter(options.models), ToNamedFile);
  options.precision = precisions.at(precision);
  options.log_format = formats.at(format);
  options.log_level = levels.at(level);
  options.server.max_connection_age = Seconds(max_connection_age);
  options.drain_delay = Seconds(drain_delay);
  options.drain_timeout = Seconds(drain_timeout);
  return options;
}

}  // namespace digits
