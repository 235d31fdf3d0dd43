#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "server/model/weights_file.h"
#include "trainer/calibration/calibrate.h"
#include "trainer/calibration/split.h"
#include "trainer/commands.h"
#include "trainer/data/read.h"
#include "trainer/fit_flags.h"
#include "trainer/output_path.h"

namespace digits {
namespace {

constexpr double kDefaultSplit = 0.1;

struct CalibrateFlags {
  std::string weights;
  std::string data;
  std::string output;
  std::optional<double> validation_split;
};

std::string ProvenanceOf(const Network& network, const std::string& key) {
  const auto entry = network.provenance.find(key);
  return entry == network.provenance.end() ? std::string() : entry->second;
}

// The validation split that the weights file says its fit was given, if any.
std::optional<double> SplitOfFit(const Network& network) {
  constexpr std::string_view kFlag = " --validation-split ";
  const std::string recipe = ProvenanceOf(network, "recipe");
  const size_t flag = recipe.rfind(kFlag);
  if (flag == std::string::npos) return std::nullopt;
  std::string value = recipe.substr(flag + kFlag.size());
  value.resize(std::min(value.find(' '), value.size()));
  double share = 0;
  if (absl::SimpleAtod(value, &share) && share > 0 && share < 1) return share;
  return std::nullopt;
}

// Says where confidence would be measured on images that it was trained with.
void WarnUnlessKeptOut(const Network& network, const DataSet& data, double validation_split) {
  const std::string trained_on = ProvenanceOf(network, "data_sha256");
  const bool same_data = trained_on.empty() || trained_on == Sha256(data);
  if (same_data && SplitOfFit(network) == validation_split) return;
  std::fputs(
      fmt::format(
          "the weights file does not say that its fit kept these images out{}: on "
          "images that a network was trained on, its confidence seems better founded than it "
          "is\n",
          same_data ? "" : " (it was made from other data)")
          .c_str(),
      stderr);
}

std::string ToText(const Calibration& calibration, const CalibrateFlags& flags) {
  const Network& network = calibration.network;
  std::string text = fmt::format(
      "{}: {}, calibrated on {} validation images\n"
      "temperature                 {:.4f}\n"
      "                            before   after\n"
      "negative log-likelihood     {:.4f}  {:.4f}\n"
      "expected calibration error  {:.4f}  {:.4f}\n"
      "digit threshold             {:.4f}  (kept by {:g} % of the validation images)\n",
      flags.output, Architecture(network), calibration.validation_images, network.temperature,
      calibration.before.negative_log_likelihood, calibration.after.negative_log_likelihood,
      calibration.before.calibration_error, calibration.after.calibration_error,
      network.digit_threshold.value_or(0), 100 * kKeptDigits);
  if (!network.input_ranges.empty()) {
    text += fmt::format("input ranges                {:.4g}  (hold {:g} % of the inputs)\n",
                        fmt::join(network.input_ranges, ", "), 100 * calibration.ranges.share);
  }
  if (!calibration.note.empty()) text += calibration.note + "\n";
  text += fmt::format("validation accuracy         {:.4f}  f32\n", calibration.accuracy);
  if (calibration.ranges.accuracy) {
    text += fmt::format("                            {:.4f}  int8\n", *calibration.ranges.accuracy);
  } else if (!network.input_ranges.empty()) {
    text += "int8 was not tried: this processor does not compute it exactly\n";
  }
  return text;
}

// The output may be the weights file, which then has what it had and more.
absl::Status CheckPaths(const CalibrateFlags& flags) {
  if (absl::Status status = CheckOutput(flags.output); !status.ok()) return status;
  return CheckKeeps("--output", flags.output, std::span(&flags.data, 1));
}

int Run(const CalibrateFlags& flags, std::ostream& out) {
  if (absl::Status status = CheckPaths(flags); !status.ok()) return RefuseUsage(status);
  absl::StatusOr<Weights> weights = ReadWeights(flags.weights);
  if (!weights.ok()) return Fail(weights.status());
  ReadOptions options;
  options.classes = static_cast<int>(weights->network.class_names.size());
  const absl::StatusOr<TrainingData> data = ReadTrainingData(flags.data, options);
  if (!data.ok()) return Fail(data.status());

  const double split =
      flags.validation_split.value_or(SplitOfFit(weights->network).value_or(kDefaultSplit));
  const absl::StatusOr<SplitImages> images = SplitAsFit(data->train, split);
  if (!images.ok()) return RefuseUsage(images.status());
  WarnUnlessKeptOut(weights->network, data->train, split);

  absl::StatusOr<Calibration> calibration = Calibrate(weights->network, *images);
  if (!calibration.ok()) return Fail(calibration.status());
  calibration->network.provenance["calibration"] = fmt::format(
      "digits-trainer calibrate --data {} --validation-split {}", Quoted(flags.data), split);
  const absl::Status status = WriteWeights(calibration->network, flags.output, weights->storage);
  if (!status.ok()) return Fail(status);
  out << ToText(*calibration, flags);
  return 0;
}

}  // namespace

Command CalibrateCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "calibrate",
      "Adds to a weights file what makes its confidence honest and int8 and the digit score "
      "possible");
  command->footer(
      "All is measured on the training part of the data, never on its test part. The temperature\n"
      "and the digit threshold come from the images that fit keeps out with the same\n"
      "--validation-split, the input ranges from the others. Of ranges that hold 100,\n"
      "99.99 and 99.9 % of a layer's inputs those are written with which int8 reads most of the\n"
      "kept-out images rightly.");
  const auto flags = std::make_shared<CalibrateFlags>();
  command->add_option("WEIGHTS", flags->weights, "A weights file (safetensors)")->required();
  command
      ->add_option("--data", flags->data,
                   "What it was trained on: IDX, CSV, npz, a folder of pictures, or the word "
                   "strokes")
      ->type_name("PATH")
      ->required();
  command->add_option("--output", flags->output, "The calibrated weights file; may be WEIGHTS")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--validation-split", flags->validation_split,
                   "The part of the training images that is kept out")
      ->type_name("0..1")
      ->default_str("the fit's, or 0.1");
  return {command, [flags](std::ostream& out) { return Run(*flags, out); }};
}

}  // namespace digits
