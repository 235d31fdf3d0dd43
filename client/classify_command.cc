#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "client/commands.h"
#include "client/examples.h"
#include "client/flags.h"
#include "client/formats.h"
#include "client/printable.h"
#include "client/progress.h"
#include "client/remote_classifier.h"
#include "client/table.h"
#include "server/files/loading_memory.h"
#include "server/files/standard_streams.h"

namespace digits {
namespace {

struct ClassifyFlags {
  std::vector<std::string> files;
  std::string split = "test";
  std::string format = "table";
  ClassifyOptions classify;
  TableOptions table;
  bool show = false;
  bool raw = false;
};

PictureStyle StyleOfStdout() {
  const bool colour = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  return colour ? PictureStyle::kColour : PictureStyle::kShades;
}

void Write(const Results& results, const ClassifyFlags& flags, std::ostream& out) {
  if (flags.format == "csv") return WriteCsv(results, out);
  if (flags.format == "jsonl") return WriteJsonLines(results, out);
  if (flags.format == "kaggle") return WriteKaggle(results, out);
  TableOptions table = flags.table;
  if (flags.show) table.pictures = StyleOfStdout();
  WriteTable(results, table, out);
}

// Of the answers' digit scores, which compare only with what the same version has for a threshold.
std::optional<float> ThresholdFor(const Answers& answers, const v1::Model& model) {
  if (!model.has_digit_threshold()) return std::nullopt;
  if (answers.versions != std::set<std::string>{model.version()}) return std::nullopt;
  return model.digit_threshold();
}

// A line on stderr for each file that has no image: why.
void PrintMissing(const Examples& examples) {
  for (const absl::Status& why : examples.missing) {
    const std::string message(why.message());
    WriteStderr(fmt::format("digits-client: {}\n", Printable(message)));
  }
}

// A line on stderr: who answered, how fast, how right where the table does not tell, how many
// images are none of the classes, and how many files have no image.
void PrintSummary(const Results& results, const ClassifyFlags& flags, const std::string& model,
                  std::chrono::duration<double> time) {
  std::string summary = fmt::format("{} images", results.size());
  if (results.size() > 0) {
    const std::string versions = absl::StrJoin(results.answers.versions, " and ");
    summary +=
        fmt::format(" by {} {} in {:.2f} s, {:.0f} images/s", Printable(model), Printable(versions),
                    time.count(), static_cast<double>(results.size()) / time.count());
  }
  const std::optional<ConfusionMatrix> confusion = Confusion(results);
  if (confusion && flags.format != "table") summary += "; " + AccuracyText(*confusion);
  const size_t unlike = CountUnlikeAnyClass(results);
  if (unlike > 0) summary += fmt::format("; {} unlike any class", unlike);
  if (results.examples.blank > 0) summary += fmt::format("; {} blank", results.examples.blank);
  if (results.examples.broken() > 0) {
    summary += fmt::format("; {} broken", results.examples.broken());
  }
  summary += '\n';
  if (results.answers.versions.size() > 1) {
    summary += "warning: the model was replaced meanwhile; --model-version names one\n";
  }
  WriteStderr(summary);
}

absl::Status Classify(const ClassifyFlags& flags, const ConnectionOptions& options,
                      std::ostream& out) {
  LoadIntoHugePages();
  const Split split = flags.split == "train" ? Split::kTrain : Split::kTest;
  std::optional<RemoteClassifier> classifier;
  const auto connect = [&] {
    const absl::StatusOr<Connection> connection = Connection::Open(options);
    if (!connection.ok()) return connection.status();
    absl::StatusOr<RemoteClassifier> opened = RemoteClassifier::Open(*connection, flags.classify);
    if (opened.ok()) classifier = *std::move(opened);
    return opened.status();
  };
  absl::StatusOr<Examples> examples = ReadAll(flags.files, split, flags.raw, connect);
  if (!examples.ok()) return examples.status();
  PrintMissing(*examples);
  if (flags.format == "kaggle" && !examples->missing.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("the ids would not match: {} of the pictures have no image, as said above, and "
                    "those after them would move up; mend them or leave them out",
                    examples->missing.size()));
  }

  Results results;
  results.examples = *std::move(examples);
  const auto& class_names = classifier->model().class_names();
  results.class_names.assign(class_names.begin(), class_names.end());
  const absl::Status classes = CheckClasses(results.examples, results.class_names.size());
  if (!classes.ok()) return classes;

  const auto start = std::chrono::steady_clock::now();
  {
    Progress progress(results.size(), "images");
    absl::StatusOr<Answers> answers = classifier->Classify(
        results.examples.pixels, [&progress](size_t done) { progress.Update(done); });
    if (!answers.ok()) return answers.status();
    results.answers = *std::move(answers);
    results.digit_threshold = ThresholdFor(results.answers, classifier->model());
  }
  const auto time = std::chrono::steady_clock::now() - start;
  PrintSummary(results, flags, classifier->model().name(), time);
  Write(results, flags, out);
  const size_t broken = results.examples.broken();
  if (broken == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} of the files could not be read, as said above", broken));
}

}  // namespace

Command ClassifyCommand(CLI::App& app, const ConnectionOptions& connection) {
  CLI::App* command = app.add_subcommand("classify", "Tells which digits pictures show");
  command->footer(kCommandFooter);
  const auto flags = std::make_shared<ClassifyFlags>();
  command
      ->add_option(
          "FILES", flags->files,
          "Any of: pictures of any size (PNG, JPEG, PBM, PGM,\nPPM), IDX images (their labels "
          "beside them),\nKaggle's CSV, Keras' npz, raw files of 784 bytes,\nfolders of pictures "
          "and raw files (in folders named\nby digit, for accuracy), quoted patterns such as\n"
          "'scans/*.png', - for a file from standard input,\nand the word strokes")
      ->type_name("")
      ->required()
      ->configurable(false);
  FromEnvironment(command->add_flag("--raw", flags->raw, kRawHelp));
  FromEnvironment(command->add_option("--split", flags->split, "The part of what has two")
                      ->type_name("PART")
                      ->check(CLI::IsMember({"test", "train"}))
                      ->capture_default_str());
  FromEnvironment(command
                      ->add_option("--format", flags->format,
                                   "table: for people, with accuracy and confusion\n"
                                   "matrix where the true classes are known\n"
                                   "csv: index,label,confidence; and file, where images\n"
                                   "are files of their own\n"
                                   "jsonl: an object an image, with all there is\n"
                                   "kaggle: ImageId,Label")
                      ->type_name("FORMAT")
                      ->check(CLI::IsMember({"table", "csv", "jsonl", "kaggle"}))
                      ->capture_default_str());
  FromEnvironment(command->add_option("--rows", flags->table.rows, "Most rows of a table; 0: all")
                      ->type_name("N")
                      ->check(CLI::Range(0, 1'000'000'000).description(""))
                      ->capture_default_str());
  FromEnvironment(command->add_flag("--show", flags->show,
                                    "Draw each image, as it is sent, above its row of\nthe table"));
  FromEnvironment(command->add_flag("--probabilities", flags->classify.probabilities,
                                    "All classes' probabilities, in jsonl"));
  // DIGITS_MODEL is the server's, with another meaning, and both may run in one container.
  command->add_option("--model", flags->classify.model, "A served model; otherwise the default one")
      ->type_name("NAME")
      ->envname("DIGITS_CLIENT_MODEL");
  command
      ->add_option("--model-version", flags->classify.version,
                   "Its version; otherwise the current one")
      ->type_name("VERSION")
      ->envname("DIGITS_CLIENT_MODEL_VERSION");
  FromEnvironment(command->add_option("--batch", flags->classify.batch, "Images a call")
                      ->type_name("N")
                      ->check(CLI::Range(1, 32768).description(""))
                      ->capture_default_str());
  FromEnvironment(command->add_option("--in-flight", flags->classify.in_flight, "Calls at a time")
                      ->type_name("N")
                      ->check(CLI::Range(1, 1024).description(""))
                      ->capture_default_str());
  command->callback([flags] {
    if (flags->show && flags->format != "table") {
      throw CLI::ValidationError("--show",
                                 "draws beside a table only: leave out --format " + flags->format);
    }
    if (flags->classify.probabilities && flags->format != "jsonl") {
      throw CLI::ValidationError("--probabilities", "has a place in --format jsonl only");
    }
  });
  return {command,
          [flags, &connection](std::ostream& out) { return Classify(*flags, connection, out); }};
}

}  // namespace digits
