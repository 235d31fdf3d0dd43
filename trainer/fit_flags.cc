#include "trainer/fit_flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "trainer/augment_flags.h"
#include "trainer/recipes.h"

namespace digits {
namespace {

const std::map<std::string, Activation> kActivations = {
    {"relu", Activation::kRelu}, {"sigmoid", Activation::kSigmoid}, {"tanh", Activation::kTanh}};

// The values of an enumeration by their names.
template <typename T>
std::map<std::string, T> Named(std::initializer_list<T> values, std::string_view (*name)(T)) {
  std::map<std::string, T> named;
  for (const T value : values) named[std::string(name(value))] = value;
  return named;
}

const auto kLosses = Named({Loss::kCrossEntropy, Loss::kMeanSquaredError}, LossName);
const auto kOptimizers = Named({OptimizerKind::kSgd, OptimizerKind::kAdamW}, OptimizerName);
const auto kSchedules = Named({ScheduleKind::kConstant, ScheduleKind::kCosine}, ScheduleName);

// What a recipe can say.
const std::vector<std::string> kRecipeOptions = {"hidden",        "activation",
                                                 "loss",          "label-smoothing",
                                                 "dropout",       "outliers",
                                                 "optimizer",     "momentum",
                                                 "nesterov",      "schedule",
                                                 "learning-rate", "warmup",
                                                 "weight-decay",  "ema",
                                                 "batch",         "epochs",
                                                 "echo",          "validation-split",
                                                 "keep-last",     "patience",
                                                 "seed",          "threads",
                                                 "classes",       "class-names",
                                                 "rotation",      "scale",
                                                 "shear",         "shift",
                                                 "elastic-alpha", "elastic-sigma",
                                                 "thickness",     "soiled",
                                                 "contrast",      "noise"};

std::vector<int> ParseWidths(const std::string& text) {
  std::vector<int> widths;
  if (text.empty()) return widths;
  for (const auto& part : absl::StrSplit(text, ',')) {
    int width = 0;
    if (!absl::SimpleAtoi(part, &width)) {
      throw CLI::ValidationError(
          "--hidden",
          fmt::format("'{}' is not a list of whole numbers with commas, such as 16,16", text));
    }
    widths.push_back(width);
  }
  return widths;
}

std::vector<std::string> NumberNames(int classes) {
  std::vector<std::string> names;
  for (int i = 0; i < classes; ++i) names.push_back(fmt::format("{}", i));
  return names;
}

template <typename T>
std::string NameOf(const std::map<std::string, T>& names, T value) {
  for (const auto& [name, named] : names) {
    if (named == value) return name;
  }
  return "";
}

// A flag whose value is one of the names.
template <typename T>
void AddChoice(CLI::App& command, const std::string& flag, const std::map<std::string, T>& names,
               T& value, const std::string& description) {
  command
      .add_option_function<std::string>(
          flag, [&names, &value](const std::string& name) { value = names.at(name); }, description)
      ->check(CLI::IsMember(names))
      ->type_name("NAME")
      ->default_str(NameOf(names, value));
}

void AddTrainingFlags(CLI::App& command, FitFlags& flags) {
  FitOptions& fit = flags.fit;
  AddChoice(command, "--optimizer", kOptimizers, fit.optimizer, "How gradients change weights");
  command.add_option("--learning-rate", fit.learning_rate, "Of the optimizer, at its greatest")
      ->type_name("RATE")
      ->capture_default_str();
  command.add_option("--momentum", fit.momentum, "Of sgd; 0 for none")
      ->type_name("0..1")
      ->capture_default_str();
  command.add_flag("--nesterov", fit.nesterov, "Nesterov's momentum");
  command
      .add_option("--weight-decay", fit.weight_decay,
                  "Of the weights, not the biases: decoupled with adamw, L2 with sgd")
      ->type_name("0..1")
      ->capture_default_str();
  AddChoice(command, "--schedule", kSchedules, fit.schedule,
            "Of the learning rate: constant, or half a cosine down to 0");
  command
      .add_option("--warmup", fit.warmup,
                  "Epochs, or a fraction, in which the learning rate rises in a straight line")
      ->type_name("EPOCHS")
      ->capture_default_str();
  command
      .add_option("--label-smoothing", fit.label_smoothing,
                  "The share of a label that is spread over all classes")
      ->type_name("0..1")
      ->capture_default_str();
  command
      .add_option("--dropout", fit.dropout,
                  "The share of the hidden outputs that a step leaves out")
      ->type_name("0..1")
      ->capture_default_str();
  command
      .add_option(
          "--outliers", fit.outliers,
          "Images that are no digits (noise, shapes, letters, spoilt digits) for each "
          "training image, drawn anew for each epoch or echo, for which all classes are to be "
          "equally probable")
      ->type_name("0..1")
      ->capture_default_str();
  command
      .add_option("--ema", fit.ema,
                  "Decay, such as 0.999, of the average of the weights that is validated and "
                  "written in their stead; 0 for none")
      ->type_name("0..1")
      ->capture_default_str();
  command
      .add_option("--batch", fit.batch,
                  "Images in a mini-batch; the default is less where there are fewer")
      ->each([&flags](const std::string&) { flags.batch_given = true; })
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--epochs", fit.epochs, "Passes over the training images")
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option(
          "--echo", fit.echo,
          "Epochs in a row that train the same distorted images and outliers, for where "
          "making them, or asking teachers, costs more than to train them; takes 1 KB an image")
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option(
          "--validation-split", fit.validation_split,
          "The part of the training images that is kept out to choose the best epoch by, the same "
          "ones for every seed")
      ->type_name("0..1")
      ->capture_default_str();
  command.add_flag("--keep-last", fit.keep_last,
                   "Write the weights of the last epoch: the images kept out choose none");
  command
      .add_option("--patience", fit.patience,
                  "Stop after so many epochs that are no better than the best; 0 for never")
      ->type_name("N")
      ->capture_default_str();
}

void AddCheckpointFlags(CLI::App& command, Checkpoints& checkpoints) {
  command
      .add_option("--checkpoint", checkpoints.path,
                  "Save here, after each epoch, all that is needed to go on")
      ->type_name("FILE");
  command
      .add_option("--checkpoint-every", checkpoints.every,
                  "Only after every so many epochs, and the last")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N")
      ->capture_default_str();
  command.add_flag("--resume", checkpoints.resume,
                   "Go on from the checkpoint, or begin where there is none yet");
}

}  // namespace

void AddFitFlags(CLI::App& command, FitFlags& flags) {
  FitOptions& fit = flags.fit;
  command
      .add_option("--data", flags.data,
                  "Labelled digits: IDX, CSV, npz, a folder of pictures, or the word strokes")
      ->type_name("PATH")
      ->capture_default_str();
  command
      .add_option(
          "--output", flags.output,
          "The weights file; .history.csv and .history.json go beside it, unless it is a device or "
          "a pipe")
      ->type_name("FILE")
      ->capture_default_str();
  auto* const report =
      command
          .add_option("--report", flags.report,
                      "Also write a page about the network, as digits-trainer report does")
          ->type_name("FILE");
  command
      .add_flag("--robust", flags.robust,
                "With --report: also score images that are shifted, turned, thinned, soiled, ...")
      ->needs(report);
  std::string recipes;
  for (const RecipeText& recipe : BuiltInRecipes()) {
    recipes += (recipes.empty() ? "" : ", ") + recipe.name;
  }
  command
      .add_option("--recipe", flags.recipe,
                  fmt::format("Options by name ({}) or from a file; flags override them", recipes))
      ->type_name("NAME|FILE")
      ->default_str("article");
  command
      .add_option_function<std::string>(
          "--hidden", [&fit](const std::string& text) { fit.hidden = ParseWidths(text); },
          "Widths of the hidden layers; '' for none")
      ->type_name("N,N,...")
      ->default_str("16,16");
  AddChoice(command, "--activation", kActivations, fit.activation, "Of the hidden layers");
  AddChoice(command, "--loss", kLosses, fit.loss,
            "mse: the squared differences between the softmax probabilities and the one-hot label, "
            "averaged over classes and images");
  AddTrainingFlags(command, flags);
  command
      .add_option("--seed", fit.seed,
                  "Of all that is random; the same seed and threads give the same weights on the "
                  "same machine")
      ->check([](const std::string& text) {
        // CLI11 would take others for numbers near 2^64.
        uint64_t seed = 0;
        return absl::SimpleAtoi(text, &seed)
                   ? std::string()
                   : text + " is no whole number from 0 to 18446744073709551615";
      })
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option_function<int>(
          "--threads", [&fit](int threads) { fit.threads = threads; },
          "For the layers that oneDNN does: first ones of more than 128 outputs, others of more "
          "than 16 and 1,024 weights; and to prepare images that are distorted or that teachers "
          "see, for which all cores are the default")
      ->type_name("N")
      ->default_str("all cores from 256 hidden outputs on, else 1");
  AddCheckpointFlags(command, flags.checkpoints);
  auto* const classes =
      command
          .add_option_function<int>(
              "--classes",
              [&fit](int count) {
                if (count < kMinClasses || count > kMaxClasses) {
                  throw CLI::ValidationError(
                      "--classes", fmt::format("{} classes cannot be told apart; {} to {} can",
                                               count, kMinClasses, kMaxClasses));
                }
                fit.class_names = NumberNames(count);
              },
              "How many classes the labels are of, called 0, 1, ...")
          ->type_name("N")
          ->default_str("10");
  command
      .add_option_function<std::string>(
          "--class-names",
          [&fit](const std::string& names) { fit.class_names = absl::StrSplit(names, ','); },
          "What the classes are called, in order; so many there are")
      ->type_name("NAME,NAME,...")
      ->excludes(classes);
  AddAugmentFlags(command, flags.augment);
}

absl::Status ApplyRecipe(CLI::App& command, FitFlags& flags) {
  if (flags.recipe.empty()) return absl::OkStatus();
  const absl::StatusOr<RecipeText> recipe = FindRecipe(flags.recipe);
  if (!recipe.ok()) return recipe.status();
  std::vector<std::string> changes;
  for (const CLI::Option* const option : command.get_options()) {
    const std::string name = option->get_single_name();
    if (option->count() == 0 || std::ranges::find(kRecipeOptions, name) == kRecipeOptions.end()) {
      continue;
    }
    if (option->get_items_expected_max() == 0) {  // a flag without a value
      changes.push_back("--" + name);
      continue;
    }
    const std::string value = fmt::format("{}", fmt::join(option->results(), ","));
    changes.push_back(fmt::format("--{} {}", name, Quoted(value)));
  }
  flags.recipe_changes = fmt::format("{}", fmt::join(changes, " "));
  return ApplyRecipe(*recipe, kRecipeOptions, command);
}

std::string Quoted(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string CommandLine(const FitFlags& flags) {
  std::string line = fmt::format("digits-trainer {} --data {}", flags.command, Quoted(flags.data));
  const auto add = [&line](const OptionText& option) {
    line += " --" + option.name;
    // A flag without a value is told from an option with an empty one by its name.
    if (!option.value.empty() || option.name == "hidden") line += " " + Quoted(option.value);
  };
  for (const OptionText& option : flags.more) add(option);
  for (const OptionText& option : Describe(flags.fit)) add(option);
  for (const OptionText& option : Describe(flags.augment)) add(option);
  return line;
}

}  // namespace digits
