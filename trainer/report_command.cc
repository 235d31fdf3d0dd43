#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "server/engine/onednn_classifier.h"
#include "server/files/file.h"
#include "server/model/weights_file.h"
#include "trainer/commands.h"
#include "trainer/data/read.h"
#include "trainer/output_path.h"
#include "trainer/report/history_file.h"
#include "trainer/report/report.h"
#include "trainer/robustness/robustness.h"

namespace digits {
namespace {

struct ReportFlags {
  std::string weights;
  std::string data;
  Split split = Split::kTest;
  std::string history;  // "": what fit has written beside the weights, if it is there
  std::string output = "report.html";
  bool robust = false;
};

// The history to read, be it there or not.
std::string HistoryOf(const ReportFlags& flags) {
  return flags.history.empty() ? StemOf(flags.weights) + ".history.csv" : flags.history;
}

absl::Status Check(const ReportFlags& flags) {
  const std::vector<std::string> inputs = {flags.weights, HistoryOf(flags), flags.data};
  if (absl::Status status = CheckKeeps("--output", flags.output, inputs); !status.ok()) {
    return status;
  }
  return CheckOutput(flags.output);
}

absl::Status WriteReport(const ReportFlags& flags) {
  const absl::StatusOr<Weights> weights = ReadWeights(flags.weights);
  if (!weights.ok()) return weights.status();
  std::vector<EpochRecord> history;
  std::error_code error;
  if (!flags.history.empty() || std::filesystem::exists(HistoryOf(flags), error)) {
    absl::StatusOr<std::vector<EpochRecord>> read = ReadHistory(HistoryOf(flags));
    if (!read.ok()) return read.status();
    history = *std::move(read);
  }
  const absl::StatusOr<std::unique_ptr<Classifier>> classifier =
      MakeOnednnClassifier(weights->network, Precision::kF32);
  if (!classifier.ok()) return classifier.status();
  ReadOptions options;
  options.classes = (*classifier)->classes();
  const absl::StatusOr<DataSet> data = ReadExamples(flags.data, flags.split, options);
  if (!data.ok()) return data.status();
  if (!data->labelled()) {
    return absl::FailedPreconditionError(
        fmt::format("{} has no labels to score answers by", data->name));
  }
  std::optional<Robustness> robustness;
  if (flags.robust) {
    absl::StatusOr<Robustness> scores = EvaluateRobustness(**classifier, *data, data->size());
    if (!scores.ok()) return scores.status();
    robustness = *std::move(scores);
  }
  const std::string name = std::filesystem::path(flags.weights).filename();
  const absl::StatusOr<std::string> report =
      HtmlReport({.name = name,
                  .weights = *weights,
                  .classifier = **classifier,
                  .data = *data,
                  .split = flags.split,
                  .history = history,
                  .trainer = "digits-trainer " DIGITS_VERSION,
                  .robustness = robustness ? &*robustness : nullptr});
  if (!report.ok()) return report.status();
  return WriteFile(flags.output, *report);
}

}  // namespace

Command ReportCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "report", "Writes a page about a network: what it reads, what it gets wrong, its origin");
  command->footer("The page is one HTML file that opens in any browser without a network.");
  const auto flags = std::make_shared<ReportFlags>();
  command->add_option("WEIGHTS", flags->weights, "A weights file (safetensors)")->required();
  command
      ->add_option("--data", flags->data,
                   "Labelled digits to score it on: IDX, CSV, npz, a folder of pictures, or the "
                   "word strokes")
      ->type_name("PATH")
      ->required();
  AddSplitFlag(*command, flags->split);
  command
      ->add_option("--history", flags->history,
                   "The .history.csv that fit wrote, for learning curves")
      ->type_name("FILE")
      ->default_str("the one beside WEIGHTS, if any");
  command->add_flag("--robust", flags->robust,
                    "Also score images that are shifted, turned, thinned, soiled, ...");
  command->add_option("--output", flags->output, "The page")
      ->type_name("FILE")
      ->capture_default_str();
  return {command, [flags](std::ostream&) {
            if (absl::Status status = Check(*flags); !status.ok()) return RefuseUsage(status);
            const absl::Status status = WriteReport(*flags);
            return status.ok() ? 0 : Fail(status);
          }};
}

}  // namespace digits
