#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "server/model/weights_file.h"
#include "trainer/calibration/calibrate.h"
#include "trainer/calibration/split.h"
#include "trainer/commands.h"
#include "trainer/data/read.h"

namespace digits {
namespace {

constexpr double kDefaultSplit = 0.1;
constexpr uint64_t kDefaultSeed = 1;

struct Flags {
  std::string weights;
  std::string data;
  std::string output;
  std::optional<double> validation_split;
  std::optional<uint64_t> seed;
};

// What the weights file says that its fit was given, if anything.
struct FitSplit {
  std::optional<double> validation_split;
  std::optional<uint64_t> seed;
};

std::string ProvenanceOf(const Network& network, const std::string& key) {
  const auto entry = network.provenance.find(key);
  return entry == network.provenance.end() ? std::string() : entry->second;
}

FitSplit SplitOfFit(const Network& network) {
  FitSplit split;
  uint64_t seed = 0;
  if (absl::SimpleAtoi(ProvenanceOf(network, "seed"), &seed)) split.seed = seed;
  constexpr std::string_view kFlag = " --validation-split ";
  const std::string recipe = ProvenanceOf(network, "recipe");
  const size_t flag = recipe.find(kFlag);
  if (flag == std::string::npos) return split;
  std::string value = recipe.substr(flag + kFlag.size());
  value.resize(std::min(value.find(' '), value.size()));
  double share = 0;
  if (absl::SimpleAtod(value, &share) && share > 0 && share < 1) split.validation_split = share;
  return split;
}

// Says where confidence would be measured on images that it was trained with.
void WarnUnlessKeptOut(const Network& network, const DataSet& data, double validation_split,
                       uint64_t seed) {
  const FitSplit fit = SplitOfFit(network);
  const std::string trained_on = ProvenanceOf(network, "data_sha256");
  const bool same_data = trained_on.empty() || trained_on == Sha256(data);
  if (same_data && fit.validation_split == validation_split && fit.seed == seed) return;
  std::fputs(
      fmt::format(
          "the weights file does not say that its fit kept these images out{}: on "
          "images that a network was trained on, its confidence seems better founded than it "
          "is\n",
          same_data ? "" : " (it was made from other data)")
          .c_str(),
      stderr);
}

std::string ToText(const Calibration& calibration, const Flags& flags) {
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
  text += fmt::format("validation accuracy         {:.4f}  f32\n", calibration.accuracy);
  if (calibration.ranges.accuracy) {
    text += fmt::format("                            {:.4f}  int8\n", *calibration.ranges.accuracy);
  } else if (!network.input_ranges.empty()) {
    text += "int8 was not tried: this processor does not compute it exactly\n";
  }
  return text;
}

int Run(const Flags& flags, std::ostream& out) {
  absl::StatusOr<Weights> weights = ReadWeights(flags.weights);
  if (!weights.ok()) return Fail(weights.status());
  ReadOptions options;
  options.classes = static_cast<int>(weights->network.class_names.size());
  const absl::StatusOr<TrainingData> data = ReadTrainingData(flags.data, options);
  if (!data.ok()) return Fail(data.status());

  const FitSplit fit = SplitOfFit(weights->network);
  const double split =
      flags.validation_split.value_or(fit.validation_split.value_or(kDefaultSplit));
  const uint64_t seed = flags.seed.value_or(fit.seed.value_or(kDefaultSeed));
  const absl::StatusOr<SplitImages> images = SplitAsFit(data->train, split, seed);
  if (!images.ok()) return RefuseUsage(images.status());
  WarnUnlessKeptOut(weights->network, data->train, split, seed);

  absl::StatusOr<Calibration> calibration = Calibrate(weights->network, *images);
  if (!calibration.ok()) return Fail(calibration.status());
  calibration->network.provenance["calibration"] =
      fmt::format("digits-trainer calibrate --data {} --validation-split {} --seed {}", flags.data,
                  split, seed);
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
      "--validation-split and --seed, the input ranges from the others. Of ranges that hold 100,\n"
      "99.99 and 99.9 % of a layer's inputs those are written with which int8 reads most of the\n"
      "kept-out images rightly.");
  const auto flags = std::make_shared<Flags>();
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
  command->add_option("--seed", flags->seed, "Of that split")
      ->check([](const std::string& text) {
        // CLI11 would take it for a number near 2^64.
        return text.starts_with('-') ? text + " is less than 0" : std::string();
      })
      ->type_name("N")
      ->default_str("the fit's, or 1");
  return {command, [flags](std::ostream& out) { return Run(*flags, out); }};
}

}  // namespace digits
