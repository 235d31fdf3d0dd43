#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/commands.h"
#include "client/examples.h"
#include "client/flags.h"
#include "client/load_generator.h"
#include "client/load_report.h"
#include "trainer/data/strokes.h"

namespace digits {
namespace {

constexpr size_t kDrawnImages = 100;
constexpr uint64_t kSeed = 1;

struct BenchFlags {
  std::vector<std::string> files;
  std::string call = "unary";
  std::string format = "table";
  double rate = 0;
  double warm_up = 1;
  double duration = 5;
  bool raw = false;
  LoadOptions load;
};

const std::map<std::string, LoadKind>& Kinds() {
  static const std::map<std::string, LoadKind> kinds = {
      {"unary", LoadKind::kUnary}, {"batch", LoadKind::kBatch}, {"stream", LoadKind::kStream}};
  return kinds;
}

absl::StatusOr<std::vector<uint8_t>> Pixels(const BenchFlags& flags) {
  if (flags.files.empty()) return DrawStrokes(kDrawnImages, kSeed).pixels;
  absl::StatusOr<Examples> examples = ReadAll(flags.files, Split::kTest, flags.raw);
  if (!examples.ok()) return examples.status();
  if (!examples->missing.empty()) return examples->missing.front();
  return std::move(examples->pixels);
}

absl::Status Bench(const BenchFlags& flags, const ConnectionOptions& connection,
                   std::ostream& out) {
  const absl::StatusOr<std::vector<uint8_t>> pixels = Pixels(flags);
  if (!pixels.ok()) return pixels.status();
  LoadOptions options = flags.load;
  options.kind = Kinds().at(flags.call);
  if (flags.rate > 0) options.rate = flags.rate;
  options.warm_up = std::chrono::duration<double>(flags.warm_up);
  options.duration = std::chrono::duration<double>(flags.duration);
  const absl::StatusOr<LoadResult> result = GenerateLoad(connection, options, *pixels);
  if (!result.ok()) return result.status();
  (flags.format == "json" ? WriteLoadJson : WriteLoadTable)(options, *result, out);
  if (result->answered.count() > 0) return absl::OkStatus();
  return absl::UnavailableError(
      fmt::format("no call to {} was answered with OK", connection.server));
}

}  // namespace

Command BenchCommand(CLI::App& app, const ConnectionOptions& connection) {
  CLI::App* command = app.add_subcommand("bench", "Measures how fast a server answers");
  command->footer(
      std::string("Sends as much as the server takes: only ever to one of your own.\n\n") +
      kCommandFooter);
  const auto flags = std::make_shared<BenchFlags>();
  command
      ->add_option("FILES", flags->files,
                   "Images to send, as classify takes them;\nwithout, built-in strokes")
      ->type_name("")
      ->configurable(false);
  const auto number = [command](const std::string& name, size_t& value, size_t most,
                                const std::string& help) {
    FromEnvironment(command->add_option(name, value, help)
                        ->type_name("N")
                        ->check(CLI::Range(size_t{1}, most).description(""))
                        ->capture_default_str());
  };
  const auto seconds = [command](const std::string& name, double& value, double least,
                                 const std::string& help) {
    FromEnvironment(command->add_option(name, value, help)
                        ->type_name("SECONDS")
                        ->check(CLI::Range(least, 86'400.0).description(""))
                        ->capture_default_str());
  };
  FromEnvironment(command->add_flag("--raw", flags->raw, kRawHelp));
  FromEnvironment(command
                      ->add_option("--call", flags->call,
                                   "unary: Classify; batch: ClassifyBatch; stream:\nmessages of a "
                                   "ClassifyStream on each connection")
                      ->type_name("CALL")
                      ->check(CLI::IsMember({"unary", "batch", "stream"}))
                      ->capture_default_str());
  number("--batch", flags->load.batch, 32768, "Images in a batch");
  number("--connections", flags->load.connections, 10'000, "Connections");
  number("--in-flight", flags->load.in_flight, 100'000,
         "Calls or messages at a time on each of them");
  // DIGITS_THREADS is the server's, and both may run in one container.
  command->add_option("--threads", flags->load.threads, "Threads that send and receive")
      ->type_name("N")
      ->envname("DIGITS_CLIENT_THREADS")
      ->check(CLI::Range(1, 256).description(""))
      ->capture_default_str();
  FromEnvironment(
      command
          ->add_option("--rate", flags->rate,
                       "So many calls a second, whatever becomes of them:\nlatency "
                       "counts from when each was to begin.\nKeeps one core busy. Without, "
                       "each call\nwaits for one before it")
          ->type_name("N")
          ->check(CLI::Range(0.001, 1e7).description("")));
  seconds("--warm-up", flags->warm_up, 0, "Before anything is measured");
  seconds("--duration", flags->duration, 0.001, "What is measured");
  command->add_option("--model", flags->load.model, "A served model; otherwise the default one")
      ->type_name("NAME")
      ->envname("DIGITS_CLIENT_MODEL");
  command
      ->add_option("--model-version", flags->load.version, "Its version; otherwise the current one")
      ->type_name("VERSION")
      ->envname("DIGITS_CLIENT_MODEL_VERSION");
  command->add_option("--format", flags->format, "table, or json: one object")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  return {command,
          [flags, &connection](std::ostream& out) { return Bench(*flags, connection, out); }};
}

}  // namespace digits
