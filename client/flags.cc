#include "client/flags.h"

#include <cctype>
#include <chrono>
#include <cstdlib>
#include <istream>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace digits {
namespace {

// CLI11 lets the file win over the environment. This reader leaves out what the environment sets.
class FileBelowEnvironment : public CLI::ConfigTOML {
 public:
  explicit FileBelowEnvironment(const CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> flags = CLI::ConfigTOML::from_config(input);
    std::erase_if(flags, [this](const CLI::ConfigItem& item) { return IsInEnvironment(item); });
    return flags;
  }

 private:
  bool IsInEnvironment(const CLI::ConfigItem& item) const {
    const CLI::App* app = &app_;
    for (const std::string& parent : item.parents) {
      const auto named = app->get_subcommands(
          [&parent](const CLI::App* command) { return command->get_name() == parent; });
      if (named.empty()) return false;
      app = named.front();
    }
    const CLI::Option* option = app->get_option_no_throw("--" + item.name);
    const char* value = option == nullptr ? nullptr : std::getenv(option->get_envname().c_str());
    return value != nullptr && *value != '\0';
  }

  const CLI::App& app_;
};

}  // namespace

void FromEnvironment(CLI::Option* option) {
  std::string name = "DIGITS_";
  for (const char c : option->get_lnames().front()) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  option->envname(name);
}

void AddConfigFile(CLI::App& app) {
  app.set_config("--config", "",
                 "File of flags (TOML): server = \"host:50051\",\nand under [classify] its own")
      ->type_name("FILE");
  app.config_formatter(std::make_shared<FileBelowEnvironment>(app));
  app.allow_config_extras(CLI::config_extras_mode::error);
}

void AddConnectionFlags(CLI::App& app, ConnectionOptions& options) {
  FromEnvironment(app.add_option("--server", options.server,
                                 "host:port, or any gRPC target such as\ndns:///name:port, whose "
                                 "addresses share the work")
                      ->type_name("ADDRESS")
                      ->capture_default_str());
  const CLI::AsNumberWithUnit to_seconds(
      std::map<std::string, double>{{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}},
      CLI::AsNumberWithUnit::CASE_SENSITIVE);
  FromEnvironment(
      app.add_option_function<double>(
             "--timeout",
             [&options](double seconds) {
               options.timeout = std::chrono::duration<double>(seconds);
             },
             "For connecting, and for each call with its retries:\nseconds, or with a unit: 500ms, "
             "5s, 2m")
          ->type_name("TIME")
          ->default_str("10s")
          ->transform(CLI::Validator(to_seconds).description(""))
          ->check(CLI::Range(0.001, 86'400.0).description("")));
}

}  // namespace digits
