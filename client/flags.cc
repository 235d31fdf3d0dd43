#include "client/flags.h"

#include <cctype>
#include <cstdlib>
#include <istream>
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
    return option != nullptr && std::getenv(option->get_envname().c_str()) != nullptr;
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
                 "File of flags, a line each: server = \"host:50051\"; those of one command under "
                 "[classify]")
      ->type_name("FILE");
  app.config_formatter(std::make_shared<FileBelowEnvironment>(app));
  app.allow_config_extras(CLI::config_extras_mode::error);
}

void AddConnectionFlags(CLI::App& app, ConnectionOptions& options) {
  FromEnvironment(app.add_option("--server", options.server,
                                 "The server: host:port, or any gRPC target such as "
                                 "dns:///name:port, whose addresses then share the work")
                      ->type_name("ADDRESS")
                      ->capture_default_str());
  FromEnvironment(app.add_option_function<double>(
                         "--timeout",
                         [&options](double seconds) {
                           options.timeout = std::chrono::duration<double>(seconds);
                         },
                         "Time for connecting, and for each call with its retries")
                      ->type_name("SECONDS")
                      ->default_str("10")
                      ->check(CLI::PositiveNumber));
}

}  // namespace digits
