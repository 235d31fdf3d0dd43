#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/files/file.h"
#include "trainer/calibration/calibrate.h"
#include "trainer/calibration/digit_score.h"
#include "trainer/calibration/reliability.h"
#include "trainer/commands.h"
#include "trainer/data/read.h"
#include "trainer/load_committee.h"
#include "trainer/output_path.h"
#include "trainer/robustness/report.h"
#include "trainer/robustness/robustness.h"
#include "trainer/training/answers.h"
#include "trainer/training/evaluation.h"

namespace digits {
namespace {

struct EvaluateFlags {
  std::vector<std::string> weights;
  std::string data;
  Split split = Split::kTest;
  bool json = false;
  std::string predictions;
  bool robust = false;
  bool digit_score = false;
  Precision precision = Precision::kF32;
  std::optional<size_t> images;  // with robust: the first so many alone
};

std::string ToText(const Evaluation& evaluation, double calibration_error,
                   const LoadedCommittee& committee, const DataSet& data) {
  const ConfusionMatrix& confusion = evaluation.confusion;
  return fmt::format(
      "images    {}\naccuracy  {:.4f}  ({} right, {} wrong)\n"
      "loss      {:.4f}  (negative log-likelihood)\n"
      "ECE       {:.4f}  (expected calibration error)\n\n{}",
      data.size(), confusion.accuracy(), confusion.correct(),
      confusion.total() - confusion.correct(), evaluation.loss, calibration_error,
      confusion.ToTable(committee.class_names));
}

std::string ToJson(const Evaluation& evaluation, double calibration_error,
                   const LoadedCommittee& committee, const DataSet& data) {
  const ConfusionMatrix& confusion = evaluation.confusion;
  const size_t classes = committee.class_names.size();
  nlohmann::ordered_json rows = nlohmann::json::array();
  for (size_t label = 0; label < classes; ++label) {
    nlohmann::ordered_json& row = rows.emplace_back(nlohmann::json::array());
    for (size_t answer = 0; answer < classes; ++answer) {
      row.push_back(confusion.count(label, answer));
    }
  }
  nlohmann::json hashes = committee.sha256;
  if (committee.sha256.size() == 1) hashes = committee.sha256.front();
  const nlohmann::ordered_json json = {{"data", data.name},
                                       {"weights_sha256", hashes},
                                       {"precision", committee.classifier->precision()},
                                       {"images", data.size()},
                                       {"correct", confusion.correct()},
                                       {"accuracy", confusion.accuracy()},
                                       {"loss", evaluation.loss},
                                       {"expected_calibration_error", calibration_error},
                                       {"class_names", committee.class_names},
                                       {"confusion_matrix", rows}};
  // A path need not be UTF-8.
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int RunRobust(const EvaluateFlags& flags, const LoadedCommittee& committee, const DataSet& data,
              std::ostream& out) {
  const absl::StatusOr<Robustness> robustness =
      EvaluateRobustness(*committee.classifier, data, flags.images.value_or(data.size()));
  if (!robustness.ok()) return Fail(robustness.status());
  out << (flags.json ? RobustnessJson(*robustness, data.name, committee.sha256,
                                      committee.classifier->precision())
                     : RobustnessTable(*robustness));
  return 0;
}

int RunDigitScore(const EvaluateFlags& flags, const LoadedCommittee& committee, const DataSet& data,
                  std::ostream& out) {
  if (committee.class_names != DecimalClassNames()) {
    return Fail(absl::FailedPreconditionError(fmt::format(
        "{} is of a network whose classes are not the digits 0 to 9: there are no images to score "
        "it against",
        flags.weights.front())));
  }
  absl::Status status = CheckHasAllClasses(data, committee.class_names, "the digit score");
  if (!status.ok()) return Fail(status);
  const Answers answers = AnswersTo(*committee.classifier, data);
  const std::vector<FamilyScore> scores =
      ScoreFamilies(*committee.classifier, answers.digit_scores, committee.digit_threshold);
  out << (flags.json ? FamilyJson(scores) : FamilyTable(scores));
  return 0;
}

int Run(const EvaluateFlags& flags, std::ostream& out) {
  std::vector<std::string> inputs = flags.weights;
  inputs.push_back(flags.data);
  if (!flags.predictions.empty() && flags.predictions != "-") {
    const absl::Status status = CheckKeeps("--predictions", flags.predictions, inputs);
    if (!status.ok()) return RefuseUsage(status);
  }
  const absl::StatusOr<LoadedCommittee> committee = LoadCommittee(flags.weights, flags.precision);
  if (!committee.ok()) return Fail(committee.status());
  ReadOptions options;
  options.classes = committee->classifier->classes();
  const absl::StatusOr<DataSet> data = ReadExamples(flags.data, flags.split, options);
  if (!data.ok()) return Fail(data.status());
  if (!data->labelled()) {
    return Fail(absl::FailedPreconditionError(fmt::format(
        "{} has no labels to score answers by; digits-client classify gives the answers alone",
        data->name)));
  }

  if (flags.robust) return RunRobust(flags, *committee, *data, out);
  if (flags.digit_score) return RunDigitScore(flags, *committee, *data, out);
  const std::vector<float> probabilities = AnswersTo(*committee->classifier, *data).probabilities;
  const Evaluation evaluation =
      Evaluate(probabilities, data->labels, committee->class_names.size());
  const double calibration_error =
      ExpectedCalibrationError(MeasureReliability(probabilities, data->labels));
  std::string predictions;
  for (const uint8_t prediction : evaluation.predictions) {
    predictions += fmt::format("{}\n", prediction);
  }
  const std::string report = flags.json ? ToJson(evaluation, calibration_error, *committee, *data)
                                        : ToText(evaluation, calibration_error, *committee, *data);
  if (flags.predictions == "-") {
    out << predictions;
    std::fputs(report.c_str(), stderr);
    return 0;
  }
  out << report;
  if (flags.predictions.empty()) return 0;
  const absl::Status status = WriteFile(flags.predictions, predictions);
  return status.ok() ? 0 : Fail(status);
}

}  // namespace

Command EvaluateCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "evaluate", "Scores weights files on a labelled data set: accuracy, loss, confusion matrix");
  const auto flags = std::make_shared<EvaluateFlags>();
  command
      ->add_option("WEIGHTS", flags->weights,
                   "A weights file (safetensors), or several, which answer as one committee with "
                   "the mean of their probabilities")
      ->required();
  command
      ->add_option("--data", flags->data,
                   "IDX, CSV, npz, a folder of pictures, or the word strokes")
      ->type_name("PATH")
      ->required();
  AddSplitFlag(*command, flags->split);
  command
      ->add_option_function<std::string>(
          "--format", [flags](const std::string& format) { flags->json = format == "json"; },
          "How the scores are printed")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("NAME")
      ->default_str("text");
  AddPrecisionFlag(*command, "--precision",
                   "What the answers are computed in; int8 needs weights files that are calibrated",
                   flags->precision);
  auto* const predictions =
      command
          ->add_option("--predictions", flags->predictions,
                       "Also write the answers, one class index a line; - for stdout, the scores "
                       "then going to stderr")
          ->type_name("FILE");
  auto* const robust =
      command
          ->add_flag("--robust", flags->robust,
                     "Instead score images that are shifted, turned, thinned, soiled, ...: the "
                     "error for each kind and severity of a fixed suite")
          ->excludes(predictions);
  command->add_option("--images", flags->images, "With --robust: the first N images alone")
      ->check(CLI::PositiveNumber)
      ->needs(robust)
      ->type_name("N");
  command
      ->add_flag("--digit-score", flags->digit_score,
                 "Instead score how well the digit score tells these digits from images that are "
                 "none: the area under the ROC curve for each family of them")
      ->excludes(predictions)
      ->excludes(robust);
  return {command, [flags](std::ostream& out) { return Run(*flags, out); }};
}

}  // namespace digits
