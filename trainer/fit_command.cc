#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/engine/onednn_classifier.h"
#include "server/files/file.h"
#include "server/model/weights_file.h"
#include "trainer/commands.h"
#include "trainer/data/read.h"
#include "trainer/fit_flags.h"
#include "trainer/fit_report.h"
#include "trainer/progress.h"
#include "trainer/training/evaluation.h"
#include "trainer/training/fit.h"

namespace digits {
namespace {

std::atomic<bool> stop = false;
static_assert(std::atomic<bool>::is_always_lock_free);

// Ctrl-C ends the fit after the batch at hand; a second one ends the program. Reading and writing
// go on after the first.
void StopOnSignals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { stop = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

// Whether it is a device, a pipe or the like, which is written as it is, with nothing beside it.
bool IsSpecial(const std::filesystem::path& output) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(output, error);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
         !std::filesystem::is_directory(status);
}

// Finds out before the training, not after it, that its result has no place to go to.
absl::Status CheckOutput(const std::filesystem::path& output) {
  if (IsSpecial(output)) {
    if (access(output.c_str(), W_OK) == 0) return absl::OkStatus();
    return absl::PermissionDeniedError(
        fmt::format("cannot write {}: no permission", output.string()));
  }
  const std::filesystem::path directory = output.has_parent_path() ? output.parent_path() : ".";
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return absl::NotFoundError(fmt::format("cannot write {}: there is no directory {}",
                                           output.string(), directory.string()));
  }
  if (!output.has_filename() || std::filesystem::is_directory(output, error)) {
    return absl::InvalidArgumentError(
        fmt::format("cannot write {}: it is a directory", output.string()));
  }
  if (access(directory.c_str(), W_OK) != 0) {
    return absl::PermissionDeniedError(
        fmt::format("cannot write {}: no permission for {}", output.string(), directory.string()));
  }
  return absl::OkStatus();
}

absl::Status WriteResult(const FitResult& result, const std::filesystem::path& output) {
  constexpr std::string_view kSuffix = ".safetensors";
  std::string stem = output;
  if (stem.ends_with(kSuffix)) stem.resize(stem.size() - kSuffix.size());
  const bool alone = IsSpecial(output);
  if (absl::Status status = WriteWeights(result.network, output); !status.ok() || alone) {
    return status;
  }
  const absl::Status status = WriteFile(stem + ".history.csv", HistoryCsv(result.history));
  if (!status.ok()) return status;
  return WriteFile(stem + ".history.json", HistoryJson(result.history));
}

// "5", or "2.43" where the last epoch was cut short.
std::string FormatEpochs(double epochs) {
  return epochs == static_cast<int>(epochs) ? fmt::format("{}", static_cast<int>(epochs))
                                            : fmt::format("{:.2f}", epochs);
}

std::string FormatMeasures(const Measures& measures) {
  return fmt::format("accuracy {:.4f}, loss {:.4f}", measures.accuracy, measures.loss);
}

absl::StatusOr<Evaluation> EvaluateOnEngine(const Network& network, const DataSet& data) {
  const absl::StatusOr<std::unique_ptr<Classifier>> classifier =
      MakeOnednnClassifier(network, Precision::kF32);
  if (!classifier.ok()) return classifier.status();
  return Evaluate(**classifier, data);
}

// Notes in the network where it came from, writes it, and says on `out` what it is worth.
absl::Status Conclude(FitResult& result, const TrainingData& data, const FitFlags& flags,
                      std::ostream& out) {
  const std::string epochs = FormatEpochs(result.epochs);
  std::map<std::string, std::string>& provenance = result.network.provenance;
  provenance = {{"data", flags.data},      {"data_sha256", Sha256(data.train)},
                {"recipe", Recipe(flags)}, {"seed", fmt::format("{}", flags.fit.seed)},
                {"epochs", epochs},        {"trainer", "digits-trainer " DIGITS_VERSION}};
  std::string summary =
      fmt::format("{}: {}, epochs {}\n", flags.output, Architecture(result.network), epochs);
  if (result.validation) {
    provenance["validation_accuracy"] = fmt::format("{:.4f}", result.validation->accuracy);
    summary += fmt::format("validation: {}\n", FormatMeasures(*result.validation));
  }
  if (data.test) {
    const absl::StatusOr<Evaluation> test = EvaluateOnEngine(result.network, *data.test);
    if (!test.ok()) return test.status();
    provenance["test_accuracy"] = fmt::format("{:.4f}", test->confusion.accuracy());
    summary += fmt::format("test: {}\n", FormatMeasures({test->loss, test->confusion.accuracy()}));
  }
  if (absl::Status status = WriteResult(result, flags.output); !status.ok()) return status;
  if (!flags.report.empty()) {
    if (absl::Status status = WriteFitReport(result, data, flags); !status.ok()) return status;
  }
  out << summary;
  return absl::OkStatus();
}

int Run(FitFlags flags, std::ostream& out) {
  if (absl::Status status = CheckFitOptions(flags.fit); !status.ok()) return RefuseUsage(status);
  if (absl::Status status = CheckOutput(flags.output); !status.ok()) return RefuseUsage(status);
  if (!flags.report.empty()) {
    if (absl::Status status = CheckOutput(flags.report); !status.ok()) return RefuseUsage(status);
  }
  if (flags.report == flags.output) {
    return RefuseUsage(absl::InvalidArgumentError(
        fmt::format("--report and --output both name {}", flags.output)));
  }
  ReadOptions read_options;
  read_options.classes = static_cast<int>(flags.fit.class_names.size());
  const absl::StatusOr<TrainingData> data = ReadTrainingData(flags.data, read_options);
  if (!data.ok()) return Fail(data.status());
  if (!flags.batch_given) {
    const size_t images = data->train.size() - ValidationImages(flags.fit, data->train.size());
    flags.fit.batch =
        static_cast<int>(std::clamp<size_t>(images, 1, static_cast<size_t>(flags.fit.batch)));
  }
  if (absl::Status status = CheckFitImages(flags.fit, data->train.size()); !status.ok()) {
    return RefuseUsage(status);
  }
  const std::string test =
      data->test ? fmt::format(", {} test images", data->test->size()) : std::string();
  std::fputs(
      fmt::format("{}: {} training images{}\n", flags.data, data->train.size(), test).c_str(),
      stderr);

  StopOnSignals();
  const bool terminal = isatty(STDERR_FILENO) == 1;
  Progress progress(stderr, terminal, flags.fit.epochs);
  absl::StatusOr<FitResult> result = Fit(*data, flags.fit, stop, progress);
  // What is said next does not go behind the bar.
  if (terminal && (!result.ok() || result->stopped)) std::fputs("\n", stderr);
  if (!result.ok()) return Fail(result.status());
  if (result->stopped) {
    std::fputs(
        fmt::format("stopped; writing the weights of {} epochs\n", FormatEpochs(result->epochs))
            .c_str(),
        stderr);
  }
  const absl::Status status = Conclude(*result, *data, flags, out);
  return status.ok() ? 0 : Fail(status);
}

}  // namespace

Command FitCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("fit", "Fits a network to labelled digits and writes its weights");
  command->footer(
      "With --validation-split the weights written are those of the epoch with the least loss on\n"
      "the images kept out, and the val_ figures are of these. Without it they are the last\n"
      "epoch's, and the val_ figures are of the data's test part, for display alone.\n"
      "Ctrl-C stops after the batch at hand and writes what there is.");
  const auto flags = std::make_shared<FitFlags>();
  AddFitFlags(*command, *flags);
  return {command, [flags](std::ostream& out) { return Run(*flags, out); }};
}

}  // namespace digits
