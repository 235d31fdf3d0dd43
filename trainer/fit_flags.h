// The flags of `digits-trainer fit`, most of which `distill` has too.
#ifndef DIGITS_TRAINER_FIT_FLAGS_H_
#define DIGITS_TRAINER_FIT_FLAGS_H_

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "trainer/augment/options.h"
#include "trainer/training/fit.h"

namespace digits {

struct FitFlags {
  std::string command = "fit";
  FitOptions fit;
  AugmentOptions augment;
  bool batch_given = false;  // or it is the default, and fewer images make a smaller one
  std::string data = "strokes";
  std::string output = "model.safetensors";
  std::string report;          // the page about the result; "": none
  bool robust = false;         // with the robustness table
  std::string recipe;          // name or file; "": the defaults, which are the article's
  std::string recipe_changes;  // the flags that were given besides a recipe
  Checkpoints checkpoints;
  std::vector<OptionText> more;                   // flags that only this command has
  std::map<std::string, std::string> provenance;  // entries that only this command has
};

// `flags` must outlive `command`.
void AddFitFlags(CLI::App& command, FitFlags& flags);

// After parsing: takes from the recipe what no flag says. InvalidArgument or NotFound in words for
// whoever chose it.
absl::Status ApplyRecipe(CLI::App& command, FitFlags& flags);

// The text as a shell takes it for one word.
std::string Quoted(std::string_view text);

// The command that does the same again, every option spelt out but where the result goes.
std::string CommandLine(const FitFlags& flags);

}  // namespace digits

#endif  // DIGITS_TRAINER_FIT_FLAGS_H_
