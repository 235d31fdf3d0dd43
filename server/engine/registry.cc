#include "server/engine/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "server/model/name.h"

namespace digits {

absl::Status ModelRegistry::Add(ServedModel model) {
  if (absl::Status status = CheckName("a model's name", model.name); !status.ok()) return status;
  if (std::ranges::any_of(models_, [&](const auto& other) { return other->name == model.name; })) {
    return absl::AlreadyExistsError(fmt::format("two models are called '{}'", model.name));
  }
  model.index = models_.size();
  models_.push_back(std::make_unique<const ServedModel>(std::move(model)));
  return absl::OkStatus();
}

absl::StatusOr<const ServedModel*> ModelRegistry::Find(std::string_view name,
                                                       std::string_view version) const {
  const auto found =
      name.empty()
          ? models_.begin()
          : std::ranges::find_if(models_, [&](const auto& model) { return model->name == name; });
  if (found == models_.end()) {
    std::vector<std::string_view> names;
    for (const auto& model : models_) names.push_back(model->name);
    return absl::NotFoundError(names.empty() ? "no model is loaded"
                                             : fmt::format("there is no model '{}'; there are: {}",
                                                           name, fmt::join(names, ", ")));
  }
  const ServedModel& model = **found;
  if (!version.empty() && version != model.version) {
    return absl::NotFoundError(fmt::format("model '{}' has no version '{}'; it has {}", model.name,
                                           version, model.version));
  }
  return &model;
}

}  // namespace digits
