#include "client/examples.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>

#include "client/patterns.h"
#include "client/progress.h"
#include "server/files/standard_streams.h"
#include "trainer/data/folder.h"
#include "trainer/data/gzip.h"
#include "trainer/data/picture_files.h"

namespace digits {
namespace {

// A label is a byte; how many classes there are is the model's to say, see CheckClasses.
constexpr int kMostClasses = 256;

// A picture that stands alone: a file, one of a folder's, or standard input.
struct Picture {
  std::string file;
  std::optional<uint8_t> label;
  std::optional<PictureOutcome> outcome;  // none before it is read
};

// What an argument names: a data set, or pictures.
using Source = std::variant<DataSet, std::vector<Picture>>;

absl::StatusOr<Source> ReadFromStdin(Split split, const ReadOptions& options) {
  constexpr char kName[] = "standard input";
  absl::StatusOr<std::string> bytes = ReadStdin(kMaxFileBytes);
  if (!bytes.ok()) return bytes.status();
  if (IsPicture(*bytes)) {
    return std::vector<Picture>{
        {kName, std::nullopt, ParsePicture(*bytes, kName, options.normalizing)}};
  }
  return ParseExamples(*std::move(bytes), kName, split, options);
}

// Reads a data set, but only lists pictures.
absl::StatusOr<Source> Open(const std::string& path, Split split, const ReadOptions& options) {
  if (path == "-") return ReadFromStdin(split, options);
  if (IsPictureFolder(path)) {
    const absl::StatusOr<std::vector<FolderPicture>> listed =
        ListPictureFolder(path, options.classes);
    if (!listed.ok()) return listed.status();
    std::vector<Picture> pictures;
    for (const FolderPicture& picture : *listed) {
      pictures.push_back({PathOf(path, picture), picture.label, std::nullopt});
    }
    return pictures;
  }
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_directory(path, error) &&
      IsPictureFile(path)) {
    return std::vector<Picture>{{path, std::nullopt, std::nullopt}};
  }
  return ReadExamples(path, split, options);
}

void ReadPictures(std::span<Source> sources, Normalizing normalizing) {
  std::vector<std::string> paths;
  std::vector<Picture*> pictures;
  for (Source& source : sources) {
    auto* const listed = std::get_if<std::vector<Picture>>(&source);
    if (listed == nullptr) continue;
    for (Picture& picture : *listed) {
      if (picture.outcome) continue;
      paths.push_back(picture.file);
      pictures.push_back(&picture);
    }
  }
  Progress progress(paths.size(), "files");
  std::vector<PictureOutcome> outcomes =
      ReadPictureFiles(paths, normalizing, [&progress](size_t done) { progress.Update(done); });
  for (size_t i = 0; i < outcomes.size(); ++i) pictures[i]->outcome = std::move(outcomes[i]);
}

void Append(DataSet data, Examples& examples) {
  const size_t n = data.size();
  const bool first = examples.truth.empty();
  for (size_t i = 0; i < n; ++i) {
    examples.truth.push_back(data.labelled() ? std::optional<size_t>(data.labels[i])
                                             : std::nullopt);
    // A file is its own source; others are named within the data set.
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

void Append(std::vector<Picture> pictures, Examples& examples) {
  for (Picture& picture : pictures) {
    const PictureOutcome& outcome = *picture.outcome;
    if (!outcome.ok()) {
      examples.missing.push_back(outcome.status());
    } else if (!outcome->has_value()) {
      examples.missing.push_back(BlankPictureError(picture.file));
      ++examples.blank;
    } else {
      const Image& image = **outcome;
      examples.pixels.insert(examples.pixels.end(), image.begin(), image.end());
      examples.truth.push_back(picture.label);
      examples.files.push_back(std::move(picture.file));
    }
  }
}

}  // namespace

absl::StatusOr<Examples> ReadAll(std::span<const std::string> arguments, Split split, bool raw,
                                 const std::function<absl::Status()>& before_pictures) {
  const ReadOptions options = {.classes = kMostClasses,
                               .normalizing = raw ? Normalizing::kNone : Normalizing::kAll};
  const absl::StatusOr<std::vector<std::string>> paths = ExpandPatterns(arguments);
  if (!paths.ok()) return paths.status();
  std::vector<Source> sources;
  for (const std::string& path : *paths) {
    absl::StatusOr<Source> source = Open(path, split, options);
    if (!source.ok()) return source.status();
    sources.push_back(*std::move(source));
  }
  if (before_pictures) {
    const absl::Status ready = before_pictures();
    if (!ready.ok()) return ready;
  }
  ReadPictures(sources, options.normalizing);
  Examples examples;
  for (Source& source : sources) {
    std::visit([&examples](auto& named) { Append(std::move(named), examples); }, source);
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
