#include "trainer/recipes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "server/files/file.h"
#include "server/model/errors.h"

namespace digits {
namespace {

constexpr size_t kMaxRecipeBytes = 1 << 20;

bool IsGiven(const CLI::Option* option) { return option->count() > 0; }

}  // namespace

absl::StatusOr<RecipeText> FindRecipe(const std::string& name_or_file) {
  std::vector<std::string> names;
  for (const RecipeText& recipe : BuiltInRecipes()) {
    if (recipe.name == name_or_file) return recipe;
    names.push_back(recipe.name);
  }
  absl::StatusOr<std::string> text = ReadFile(name_or_file, kMaxRecipeBytes);
  if (absl::IsNotFound(text.status())) {
    return absl::NotFoundError(
        fmt::format("there is no recipe and no file '{}'; the built-in recipes are: {}",
                    name_or_file, fmt::join(names, ", ")));
  }
  if (!text.ok()) return text.status();
  return RecipeText{name_or_file, *std::move(text)};
}

absl::Status ApplyRecipe(const RecipeText& recipe, const std::vector<std::string>& allowed,
                         CLI::App& command) try {
  std::istringstream in(recipe.text);
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(in)) {
    CLI::Option* const option = command.get_option_no_throw("--" + item.name);
    if (!item.parents.empty() || option == nullptr ||
        std::ranges::find(allowed, item.name) == allowed.end()) {
      return Invalid("the recipe {} has an option '{}' that a recipe cannot have", recipe.name,
                     item.fullname());
    }
    // A flag says otherwise, or what rules this one out, as --class-names does --classes.
    if (option->count() > 0 || std::ranges::any_of(option->get_excludes(), IsGiven)) continue;
    option->add_result(fmt::format("{}", fmt::join(item.inputs, ",")));
    try {
      option->run_callback();
    } catch (const CLI::Error& error) {
      return Invalid("the recipe {}: {}", recipe.name, error.what());
    }
  }
  return absl::OkStatus();
} catch (const CLI::Error& error) {
  return Invalid("the recipe {} is not TOML: {}", recipe.name, error.what());
}

}  // namespace digits
