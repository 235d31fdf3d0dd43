#include "client/examples.h"

#include <fmt/format.h>

#include <utility>

namespace digits {
namespace {

// A label is a byte; how many classes there are is the model's to say, see CheckClasses.
constexpr int kMostClasses = 256;

void Append(DataSet data, Examples& examples) {
  const size_t n = data.size();
  const bool first = examples.truth.empty();
  for (size_t i = 0; i < n; ++i) {
    examples.truth.push_back(data.labelled() ? std::optional<size_t>(data.labels[i])
                                             : std::nullopt);
    // A folder's sources are named within it, a file's by its whole path.
    std::string file = data.sources.empty() ? "" : std::move(data.sources[i]);
    if (!file.empty() && file != data.name) file = data.name + "/" + file;
    examples.files.push_back(std::move(file));
  }
  if (first) {
    examples.pixels = std::move(data.pixels);
  } else {
    examples.pixels.insert(examples.pixels.end(), data.pixels.begin(), data.pixels.end());
  }
}

}  // namespace

absl::StatusOr<Examples> ReadAll(std::span<const std::string> paths, Split split) {
  Examples examples;
  for (const std::string& path : paths) {
    absl::StatusOr<DataSet> data = ReadExamples(path, split, {.classes = kMostClasses});
    if (!data.ok()) return data.status();
    Append(*std::move(data), examples);
  }
  return examples;
}

absl::Status CheckClasses(const Examples& examples, size_t classes) {
  for (size_t i = 0; i < examples.size(); ++i) {
    if (!examples.truth[i] || *examples.truth[i] < classes) continue;
    const std::string& file = examples.files[i];
    return absl::InvalidArgumentError(fmt::format(
        "image {}{} is labelled {}, but the model knows the classes 0 to {} only", i,
        file.empty() ? "" : fmt::format(" ({})", file), *examples.truth[i], classes - 1));
  }
  return absl::OkStatus();
}

}  // namespace digits
