#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "server/engine/onednn_classifier.h"
#include "server/files/file.h"
#include "server/model/weights_file.h"
#include "trainer/commands.h"
#include "trainer/data/read.h"
#include "trainer/robustness/report.h"
#include "trainer/robustness/robustness.h"
#include "trainer/training/evaluation.h"

namespace digits {
namespace {

struct Flags {
  std::string weights;
  std::string data;
  Split split = Split::kTest;
  bool json = false;
  std::string predictions;
  bool robust = false;
  std::optional<size_t> images;  // with robust: the first so many alone
};

std::string ToText(const Evaluation& evaluation, const Weights& weights, const DataSet& data) {
  const ConfusionMatrix& confusion = evaluation.confusion;
  return fmt::format("images    {}\naccuracy  {:.4f}  ({} right, {} wrong)\nloss      {:.4f}\n\n{}",
                     data.size(), confusion.accuracy(), confusion.correct(),
                     confusion.total() - confusion.correct(), evaluation.loss,
                     confusion.ToTable(weights.network.class_names));
}

std::string ToJson(const Evaluation& evaluation, const Weights& weights, const DataSet& data) {
  const ConfusionMatrix& confusion = evaluation.confusion;
  const size_t classes = weights.network.class_names.size();
  nlohmann::ordered_json rows = nlohmann::json::array();
  for (size_t label = 0; label < classes; ++label) {
    nlohmann::ordered_json& row = rows.emplace_back(nlohmann::json::array());
    for (size_t answer = 0; answer < classes; ++answer) {
      row.push_back(confusion.count(label, answer));
    }
  }
  const nlohmann::ordered_json json = {{"data", data.name},
                                       {"weights_sha256", weights.sha256},
                                       {"images", data.size()},
                                       {"correct", confusion.correct()},
                                       {"accuracy", confusion.accuracy()},
                                       {"loss", evaluation.loss},
                                       {"class_names", weights.network.class_names},
                                       {"confusion_matrix", rows}};
  // A path need not be UTF-8.
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int RunRobust(const Flags& flags, const Classifier& classifier, const Weights& weights,
              const DataSet& data, std::ostream& out) {
  const absl::StatusOr<Robustness> robustness =
      EvaluateRobustness(classifier, data, flags.images.value_or(data.size()));
  if (!robustness.ok()) return Fail(robustness.status());
  out << (flags.json ? RobustnessJson(*robustness, data.name, weights.sha256)
                     : RobustnessTable(*robustness));
  return 0;
}

int Run(const Flags& flags, std::ostream& out) {
  const absl::StatusOr<Weights> weights = ReadWeights(flags.weights);
  if (!weights.ok()) return Fail(weights.status());
  const absl::StatusOr<std::unique_ptr<Classifier>> classifier =
      MakeOnednnClassifier(weights->network, Precision::kF32);
  if (!classifier.ok()) return Fail(classifier.status());
  ReadOptions options;
  options.classes = (*classifier)->classes();
  const absl::StatusOr<DataSet> data = ReadExamples(flags.data, flags.split, options);
  if (!data.ok()) return Fail(data.status());
  if (!data->labelled()) {
    return Fail(absl::FailedPreconditionError(fmt::format(
        "{} has no labels to score answers by; digits-client classify gives the answers alone",
        data->name)));
  }

  if (flags.robust) return RunRobust(flags, **classifier, *weights, *data, out);
  const Evaluation evaluation = Evaluate(**classifier, *data);
  std::string predictions;
  for (const uint8_t prediction : evaluation.predictions) {
    predictions += fmt::format("{}\n", prediction);
  }
  const std::string report =
      flags.json ? ToJson(evaluation, *weights, *data) : ToText(evaluation, *weights, *data);
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
      "evaluate", "Scores a weights file on a labelled data set: accuracy, loss, confusion matrix");
  const auto flags = std::make_shared<Flags>();
  command->add_option("WEIGHTS", flags->weights, "A weights file (safetensors)")->required();
  command
      ->add_option("--data", flags->data,
                   "IDX, CSV, npz, a folder of pictures, or the word strokes")
      ->type_name("PATH")
      ->required();
  command
      ->add_option_function<std::string>(
          "--split",
          [flags](const std::string& part) {
            flags->split = part == "train" ? Split::kTrain : Split::kTest;
          },
          "Which part, where the data has two")
      ->check(CLI::IsMember({"train", "test"}))
      ->type_name("NAME")
      ->default_str("test");
  command
      ->add_option_function<std::string>(
          "--format", [flags](const std::string& format) { flags->json = format == "json"; },
          "How the scores are printed")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("NAME")
      ->default_str("text");
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
  return {command, [flags](std::ostream& out) { return Run(*flags, out); }};
}

}  // namespace digits
