// Recipes: the options of a fit as files.
//
// A recipe is TOML with a line for each option, called as its flag is without the dashes:
//   hidden = "1024,1024"
//   learning-rate = 0.001
// and comments in lines of their own. Those of trainer/recipes are built into the program.
#ifndef DIGITS_TRAINER_RECIPES_H_
#define DIGITS_TRAINER_RECIPES_H_

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace digits {

struct RecipeText {
  std::string name;
  std::string text;
};

// The built-in ones.
const std::vector<RecipeText>& BuiltInRecipes();

// The built-in recipe of this name, or else the file. NotFound names both.
absl::StatusOr<RecipeText> FindRecipe(const std::string& name_or_file);

// Gives the options of a recipe to those flags of `command` that have not been given on the command
// line. `allowed` says which flags (without dashes) a recipe may hold. InvalidArgument, naming the
// recipe and the option, where one is unknown or its value is none for it.
absl::Status ApplyRecipe(const RecipeText& recipe, const std::vector<std::string>& allowed,
                         CLI::App& command);

}  // namespace digits

#endif  // DIGITS_TRAINER_RECIPES_H_
