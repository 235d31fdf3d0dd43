#include "trainer/fit_run.h"

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
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "server/engine/onednn_classifier.h"
#include "server/files/file.h"
#include "server/model/weights_file.h"
#include "trainer/augment/augmenter.h"
#include "trainer/augment_flags.h"
#include "trainer/calibration/calibrate.h"
#include "trainer/calibration/split.h"
#include "trainer/commands.h"
#include "trainer/data/non_digits.h"
#include "trainer/data/read.h"
#include "trainer/data/splitmix.h"
#include "trainer/fit_report.h"
#include "trainer/output_path.h"
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

// What a fit writes besides its checkpoint and its report, the weights first.
std::vector<std::string> Results(const FitFlags& flags) {
  std::vector<std::string> files = {flags.output};
  if (IsSpecial(flags.output)) return files;
  for (const char* const ending : {".history.csv", ".history.json"}) {
    files.push_back(StemOf(flags.output) + ending);
  }
  return files;
}

// InvalidArgument where `file`, which `what` names, is one of the others that are written.
absl::Status CheckApart(std::string_view what, const std::string& file,
                        std::span<const std::string> others) {
  for (const std::string& other : others) {
    if (!SamePath(other, file)) continue;
    return absl::InvalidArgumentError(fmt::format(
        "the {} would overwrite {}, which this fit writes too: name another file for it", what,
        other));
  }
  return absl::OkStatus();
}

absl::Status CheckCheckpoints(const FitFlags& flags) {
  const Checkpoints& checkpoints = flags.checkpoints;
  if (checkpoints.path.empty()) {
    if (!checkpoints.resume) return absl::OkStatus();
    return absl::InvalidArgumentError("--resume needs --checkpoint FILE, from which to go on");
  }
  if (IsSpecial(checkpoints.path)) {
    return absl::InvalidArgumentError(fmt::format(
        "cannot keep a checkpoint in {}: it is a device, a pipe or a socket", checkpoints.path));
  }
  if (absl::Status status = CheckOutput(checkpoints.path); !status.ok()) return status;
  if (absl::Status status = CheckApart("checkpoint", checkpoints.path, Results(flags));
      !status.ok()) {
    return status;
  }
  if (!checkpoints.resume && std::filesystem::exists(checkpoints.path)) {
    return absl::InvalidArgumentError(
        fmt::format("there is a checkpoint {} already: go on from it with --resume, or remove it",
                    checkpoints.path));
  }
  return absl::OkStatus();
}

// Removes what a program that was killed while it wrote a file has left beside it:
// PATH.<8 hexadecimal digits>.tmp, as WriteFile() calls it.
void RemoveLeftovers(const std::filesystem::path& path) {
  if (IsSpecial(path)) return;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const std::string prefix = path.filename().string() + ".";
  constexpr std::string_view kSuffix = ".tmp";
  std::error_code error;
  std::vector<std::filesystem::path> leftovers;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (!name.starts_with(prefix) || !name.ends_with(kSuffix)) continue;
    name.resize(name.size() - kSuffix.size());
    const std::string digits = name.substr(std::min(name.size(), prefix.size()));
    if (digits.size() == 8 && digits.find_first_not_of("0123456789abcdef") == std::string::npos) {
      leftovers.push_back(entry->path());
    }
  }
  for (const std::filesystem::path& leftover : leftovers) std::filesystem::remove(leftover, error);
}

absl::Status CheckReport(const FitFlags& flags) {
  if (flags.report.empty()) return absl::OkStatus();
  if (absl::Status status = CheckOutput(flags.report); !status.ok()) return status;
  std::vector<std::string> others = Results(flags);
  if (!flags.checkpoints.path.empty()) others.push_back(flags.checkpoints.path);
  return CheckApart("report", flags.report, others);
}

absl::Status WriteResult(const FitResult& result, const std::filesystem::path& output) {
  const std::string stem = StemOf(output);
  const bool alone = IsSpecial(output);
  if (absl::Status status = WriteWeights(result.network, output); !status.ok() || alone) {
    return status;
  }
  const absl::Status status = WriteFile(stem + ".history.csv", HistoryCsv(result.history));
  if (!status.ok()) return status;
  return WriteFile(stem + ".history.json", HistoryJson(result.history));
}

// Distorts the images that are trained, where the options say so.
void AddAugmentation(const AugmentOptions& options, FitImages& images) {
  const std::vector<OptionText> texts = Describe(options);
  if (texts.empty()) return;
  const auto augmenter = std::make_shared<const Augmenter>(options);
  images.make_transform = [augmenter]() -> ImageTransform {
    return [augmenter](uint64_t seed, uint64_t epoch, uint64_t image, ImageView in, Image& out) {
      augmenter->Deform(augmenter->Draw({seed, epoch, image}), in, out);
    };
  };
  if (options.soils()) {
    images.make_soiling = [augmenter]() -> ImageTransform {
      return [augmenter](uint64_t seed, uint64_t epoch, uint64_t image, ImageView in, Image& out) {
        augmenter->Soil(augmenter->Draw({seed, epoch, image}), in, out);
      };
    };
  }
  for (const OptionText& text : texts) images.identity[text.name] = text.value;
}

// Draws outliers of all families of images that are no digits but those that are held out.
void AddOutliers(FitImages& images) {
  std::vector<size_t> families;
  for (size_t family = 0; family < NonDigitFamilies().size(); ++family) {
    if (!NonDigitFamilies()[family].held_out) families.push_back(family);
  }
  images.draw_outlier = [families](uint64_t seed, uint64_t epoch, uint64_t index, Image& out) {
    out = DrawNonDigit(families[index % families.size()], SplitMix::PartSeed(seed, epoch), index);
  };
}

// That prepare images beside the thread that trains, which does it too: none where one thread is
// all that may be used.
int PreparingThreads(const FitOptions& options) {
  const int threads =
      options.threads.value_or(static_cast<int>(std::thread::hardware_concurrency()));
  return threads > 1 ? threads : 0;
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

// Adds to the network what Calibrate() measures on the images that the fit has kept out, and
// returns it in words. Where it cannot, says why on stderr: the weights are worth writing anyhow.
std::string AddCalibration(const DataSet& data, const FitOptions& fit, Network& network) {
  const absl::StatusOr<SplitImages> images = SplitAsFit(data, fit.validation_split);
  absl::StatusOr<Calibration> calibration =
      images.ok() ? Calibrate(network, *images) : images.status();
  if (!calibration.ok()) {
    std::fputs(
        fmt::format("not calibrated: {}\n", std::string(calibration.status().message())).c_str(),
        stderr);
    return "";
  }
  network = std::move(calibration->network);
  std::string summary =
      fmt::format("calibration: temperature {:.4f}, loss {:.4f}", network.temperature,
                  calibration->after.negative_log_likelihood);
  if (calibration->ranges.accuracy) {
    summary += fmt::format(", accuracy {:.4f} in int8", *calibration->ranges.accuracy);
  }
  if (!calibration->note.empty()) summary += "; " + calibration->note;
  return summary + "\n";
}

// Notes in the network where it came from, writes it, and says on `out` what it is worth.
absl::Status Conclude(FitResult& result, const TrainingData& data, const FitFlags& flags,
                      std::ostream& out) {
  const std::string epochs = FormatEpochs(result.epochs);
  std::map<std::string, std::string>& provenance = result.network.provenance;
  provenance = {{"data", flags.data},
                {"data_sha256", Sha256(data.train)},
                {"recipe", CommandLine(flags)},
                {"seed", fmt::format("{}", flags.fit.seed)},
                {"epochs", epochs},
                {"trainer", "digits-trainer " DIGITS_VERSION}};
  provenance.insert(flags.provenance.begin(), flags.provenance.end());
  if (!flags.recipe.empty()) {
    provenance["recipe_name"] = flags.recipe;
    if (!flags.recipe_changes.empty()) provenance["recipe_changes"] = flags.recipe_changes;
  }
  std::string summary =
      fmt::format("{}: {}, epochs {}\n", flags.output, Architecture(result.network), epochs);
  if (result.validation) {
    provenance["validation_accuracy"] = fmt::format("{:.4f}", result.validation->accuracy);
    summary += fmt::format("validation: {}\n", FormatMeasures(*result.validation));
    if (flags.fit.validation_split > 0) {
      summary += AddCalibration(data.train, flags.fit, result.network);
    }
  }
  if (data.test) {
    const absl::StatusOr<Evaluation> test = EvaluateOnEngine(result.network, *data.test);
    if (!test.ok()) return test.status();
    provenance["test_accuracy"] = fmt::format("{:.4f}", test->confusion.accuracy());
    summary += fmt::format("test: {}\n", FormatMeasures({test->loss, test->confusion.accuracy()}));
  }
  if (absl::Status status = WriteResult(result, flags.output); !status.ok()) return status;
  out << summary << std::flush;  // which is true whether or not the report can be written
  if (!flags.report.empty()) return WriteFitReport(result, data, flags);
  return absl::OkStatus();
}

// What the outliers are is no digit, but may well be a letter.
absl::Status CheckOutliers(const FitOptions& fit) {
  if (fit.outliers == 0 || fit.class_names == DecimalClassNames()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "the outliers are what is no digit, letters among them: the classes must be 0 to 9");
}

}  // namespace

absl::Status CheckKeepsInputs(const FitFlags& flags, std::span<const std::string> inputs) {
  absl::Status status;
  for (const std::string& file : Results(flags)) {
    status.Update(CheckKeeps(file == flags.output ? "--output" : "the history", file, inputs));
  }
  if (!flags.report.empty()) status.Update(CheckKeeps("--report", flags.report, inputs));
  if (!flags.checkpoints.path.empty()) {
    status.Update(CheckKeeps("--checkpoint", flags.checkpoints.path, inputs));
  }
  return status;
}

int RunFit(FitFlags flags, FitImages images, std::ostream& out) {
  if (absl::Status status = CheckFitOptions(flags.fit); !status.ok()) return RefuseUsage(status);
  if (absl::Status status = CheckAugmentOptions(flags.augment); !status.ok()) {
    return RefuseUsage(status);
  }
  if (absl::Status status = CheckOutliers(flags.fit); !status.ok()) return RefuseUsage(status);
  AddAugmentation(flags.augment, images);
  if (flags.fit.outliers > 0) AddOutliers(images);
  if (flags.fit.echo > 1 && !images.made()) {
    return RefuseUsage(absl::InvalidArgumentError(
        "echo is for images that are distorted, for outliers and for what teachers say: all the "
        "images of this fit are the same in every epoch"));
  }
  images.threads = PreparingThreads(flags.fit);
  if (absl::Status status = CheckOutput(flags.output); !status.ok()) return RefuseUsage(status);
  const std::vector<std::string> inputs = {flags.data, flags.recipe};
  if (absl::Status status = CheckKeepsInputs(flags, inputs); !status.ok()) {
    return RefuseUsage(status);
  }
  if (absl::Status status = CheckCheckpoints(flags); !status.ok()) {
    return RefuseUsage(status);
  }
  if (absl::Status status = CheckReport(flags); !status.ok()) return RefuseUsage(status);
  if (flags.checkpoints.resume) {
    RemoveLeftovers(flags.checkpoints.path);
    for (const std::string& file : Results(flags)) RemoveLeftovers(file);
    if (!flags.report.empty()) RemoveLeftovers(flags.report);
  }
  ReadOptions read_options;
  read_options.classes = static_cast<int>(flags.fit.class_names.size());
  const absl::StatusOr<TrainingData> data = ReadTrainingData(flags.data, read_options);
  if (!data.ok()) return Fail(data.status());
  if (!flags.batch_given) {
    const size_t trained = data->train.size() - ValidationImages(flags.fit, data->train.size());
    flags.fit.batch =
        static_cast<int>(std::clamp<size_t>(trained, 1, static_cast<size_t>(flags.fit.batch)));
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
  absl::StatusOr<FitResult> result =
      Fit(*data, flags.fit, stop, progress, images, flags.checkpoints);
  // What is said next does not go behind the bar.
  if (terminal && (!result.ok() || result->stopped)) std::fputs("\n", stderr);
  if (!result.ok()) return Fail(result.status());
  if (result->stopped) {
    std::fputs(
        fmt::format("stopped; writing the weights of {} epochs\n", FormatEpochs(result->epochs))
            .c_str(),
        stderr);
  }
  if (result->out_of_patience) {
    std::fputs(fmt::format("no better epoch for {}: stopped after epoch {}\n", flags.fit.patience,
                           result->history.size())
                   .c_str(),
               stderr);
  }
  const absl::Status status = Conclude(*result, *data, flags, out);
  if (!status.ok()) return Fail(status);
  return result->stopped ? 1 : 0;
}

}  // namespace digits
