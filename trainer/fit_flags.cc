#include "trainer/fit_flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace digits {
namespace {

const std::map<std::string, Activation> kActivations = {{"relu", Activation::kRelu},
                                                        {"sigmoid", Activation::kSigmoid}};
const std::map<std::string, Loss> kLosses = {{"cross-entropy", Loss::kCrossEntropy},
                                             {"mse", Loss::kMeanSquaredError}};

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

// As a shell takes it for one word.
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
  command
      .add_option("--report", flags.report,
                  "Also write a page about the network, as digits-trainer report does")
      ->type_name("FILE");
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
  command.add_option("--learning-rate", fit.learning_rate, "Of stochastic gradient descent")
      ->type_name("RATE")
      ->capture_default_str();
  command.add_option("--momentum", fit.momentum, "0 for none")
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
      .add_option("--validation-split", fit.validation_split,
                  "The part of the training images that is kept out to choose the best epoch by")
      ->type_name("0..1")
      ->capture_default_str();
  command
      .add_option("--seed", fit.seed,
                  "Of the initial weights, the split and the order; the same seed and threads give "
                  "the same weights on the same machine")
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
      .add_option("--threads", fit.threads,
                  "For the layers that oneDNN does: first ones of more than 128 outputs, others of "
                  "more than 16 and 1,024 weights")
      ->type_name("N")
      ->capture_default_str();
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
}

std::string Recipe(const FitFlags& flags) {
  const FitOptions& fit = flags.fit;
  return fmt::format(
      "digits-trainer fit --data {} --hidden {} --activation {} --loss {} --learning-rate {} "
      "--momentum {} --batch {} --epochs {} --validation-split {} --seed {} --threads {} "
      "--class-names {}",
      Quoted(flags.data), Quoted(fmt::format("{}", fmt::join(fit.hidden, ","))),
      ActivationName(fit.activation), NameOf(kLosses, fit.loss), fit.learning_rate, fit.momentum,
      fit.batch, fit.epochs, fit.validation_split, fit.seed, fit.threads,
      Quoted(fmt::format("{}", fmt::join(fit.class_names, ","))));
}

}  // namespace digits
