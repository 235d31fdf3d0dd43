#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "trainer/commands.h"
#include "trainer/fit_flags.h"
#include "trainer/fit_run.h"
#include "trainer/load_committee.h"

namespace digits {
namespace {

struct DistillFlags {
  FitFlags fit;
  std::vector<std::string> teachers;
  Precision precision = Precision::kF32;  // that the teachers answer in
  double temperature = 2;
  double hard_share = 0;
};

// Beyond these a teacher's probabilities, or the loss, leave a float's range.
constexpr double kLeastTemperature = 0.1;
constexpr double kGreatestTemperature = 100;

absl::Status Check(const DistillFlags& flags) {
  if (!(flags.temperature >= kLeastTemperature && flags.temperature <= kGreatestTemperature)) {
    return absl::InvalidArgumentError(fmt::format("the temperature is {}; it must be {} to {}",
                                                  flags.temperature, kLeastTemperature,
                                                  kGreatestTemperature));
  }
  if (!(flags.hard_share >= 0 && flags.hard_share < 1)) {
    return absl::InvalidArgumentError(fmt::format(
        "the labels' share is {}; it must be at least 0 and less than 1", flags.hard_share));
  }
  if (flags.fit.fit.label_smoothing > 0 && flags.hard_share == 0) {
    return absl::InvalidArgumentError(
        "label smoothing needs a --hard-share: without one no label is learnt from");
  }
  return absl::OkStatus();
}

int Run(CLI::App& command, DistillFlags& flags, std::ostream& out) {
  if (absl::Status status = ApplyRecipe(command, flags.fit); !status.ok()) {
    return RefuseUsage(status);
  }
  if (absl::Status status = Check(flags); !status.ok()) return RefuseUsage(status);
  if (absl::Status status = CheckKeepsInputs(flags.fit, flags.teachers); !status.ok()) {
    return RefuseUsage(status);
  }
  const absl::StatusOr<LoadedCommittee> loaded =
      LoadCommittee(flags.teachers, flags.precision, static_cast<float>(flags.temperature));
  if (!loaded.ok()) return Fail(loaded.status());
  const bool named = command.count("--classes") + command.count("--class-names") > 0;
  if (named && flags.fit.fit.class_names != loaded->class_names) {
    return RefuseUsage(absl::InvalidArgumentError(fmt::format(
        "the teachers' classes are called {}, and the student's cannot be {}",
        fmt::join(loaded->class_names, ","), fmt::join(flags.fit.fit.class_names, ","))));
  }
  flags.fit.fit.class_names = loaded->class_names;

  const Classifier& teachers = *loaded->classifier;
  FitImages images;
  images.soft_targets = [&teachers](std::span<const uint8_t> pixels,
                                    std::span<float> probabilities) {
    teachers.Classify(pixels, probabilities);
  };
  images.temperature = flags.temperature;
  images.hard_share = flags.hard_share;
  images.identity = {{"teachers_sha256", fmt::format("{}", fmt::join(loaded->sha256, ","))},
                     {"teachers-precision", std::string(teachers.precision())},
                     {"temperature", fmt::format("{}", flags.temperature)},
                     {"hard-share", fmt::format("{}", flags.hard_share)}};
  flags.fit.more = {{"teachers", fmt::format("{}", fmt::join(flags.teachers, ","))},
                    {"teachers-precision", images.identity["teachers-precision"]},
                    {"temperature", images.identity["temperature"]},
                    {"hard-share", images.identity["hard-share"]}};
  flags.fit.provenance = {{"teachers_sha256", images.identity["teachers_sha256"]}};
  return RunFit(flags.fit, images, out);
}

}  // namespace

Command DistillCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "distill", "Fits a network to what other networks, its teachers, answer to labelled digits");
  command->footer(
      "What the student is to answer is the mean of the teachers' probabilities at a temperature\n"
      "(Hinton et al., \"Distilling the knowledge in a neural network\", 2015). Its classes are\n"
      "called as theirs are. Everything else is as in fit.");
  const auto flags = std::make_shared<DistillFlags>();
  flags->fit.command = "distill";
  command->add_option("--teachers", flags->teachers, "Weights files")
      ->delimiter(',')
      ->type_name("FILE,FILE,...")
      ->required();
  AddPrecisionFlag(*command, "--teachers-precision",
                   "What the teachers' answers are computed in; int8, which needs weights files "
                   "that are calibrated, is several times as fast",
                   flags->precision);
  command
      ->add_option("--temperature", flags->temperature,
                   "By which teachers' and student's logits are divided: the higher, the more the "
                   "unlikely classes count")
      ->type_name("T")
      ->capture_default_str();
  command
      ->add_option("--hard-share", flags->hard_share,
                   "The share of the labels in what the answers should be")
      ->type_name("0..1")
      ->capture_default_str();
  AddFitFlags(*command, flags->fit);
  return {command, [command, flags](std::ostream& out) { return Run(*command, *flags, out); }};
}

}  // namespace digits
