#include "trainer/data/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "trainer/data/picture_files.h"

namespace digits {
namespace {

struct Listing {
  std::vector<std::string> files;  // anything that is no folder
  std::vector<std::string> folders;
};

bool NaturalOrder(const std::string& a, const std::string& b) {
  return strverscmp(a.c_str(), b.c_str()) < 0;
}

// The names in a folder that are not hidden, sorted.
absl::StatusOr<Listing> List(const std::string& path) {
  Listing listing;
  std::error_code error;
  std::filesystem::directory_iterator entry(path, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (name.starts_with('.')) continue;
    std::error_code not_there;  // a link to nothing is a file, which cannot be read
    const bool is_folder = entry->is_directory(not_there);
    (is_folder ? listing.folders : listing.files).push_back(std::move(name));
  }
  if (error) {
    return absl::ErrnoToStatus(error.value(), fmt::format("{}: the folder cannot be read", path));
  }
  std::sort(listing.files.begin(), listing.files.end(), NaturalOrder);
  std::sort(listing.folders.begin(), listing.folders.end(), NaturalOrder);
  return listing;
}

bool IsListed(const std::string& path) {
  std::error_code error;
  return IsPictureFile(path) || (std::filesystem::is_regular_file(path, error) &&
                                 std::filesystem::file_size(path, error) == kImagePixels);
}

// The class that a folder's name is, as it is written: 7, not 07.
std::optional<uint8_t> ClassOf(const std::string& name, int classes) {
  int label = 0;
  const char* const end = name.data() + name.size();
  const std::from_chars_result result = std::from_chars(name.data(), end, label);
  if (result.ec != std::errc() || result.ptr != end || label < 0 || label >= classes ||
      name != std::to_string(label)) {
    return std::nullopt;
  }
  return static_cast<uint8_t>(label);
}

// Adds the pictures among `files`, names in `folder` of `path`.
void AddPictures(const std::string& path, const std::string& folder, std::optional<uint8_t> label,
                 const std::vector<std::string>& files, std::vector<FolderPicture>& pictures) {
  for (const std::string& file : files) {
    FolderPicture picture = {folder.empty() ? file : fmt::format("{}/{}", folder, file), label};
    if (IsListed(PathOf(path, picture))) pictures.push_back(std::move(picture));
  }
}

}  // namespace

absl::StatusOr<std::vector<FolderPicture>> ListPictureFolder(const std::string& path, int classes) {
  const absl::StatusOr<Listing> listing = List(path);
  if (!listing.ok()) return listing.status();
  std::vector<FolderPicture> pictures;
  AddPictures(path, "", std::nullopt, listing->files, pictures);
  if (!listing->folders.empty() && !pictures.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: holds both pictures ({}) and folders ({}): either all pictures lie in "
                    "folders named by their class, or none",
                    path, pictures.front().source, listing->folders.front()));
  }
  for (const std::string& folder : listing->folders) {
    const std::optional<uint8_t> label = ClassOf(folder, classes);
    if (!label.has_value()) {
      return absl::InvalidArgumentError(fmt::format(
          "{}: its folder \"{}\" is not named by a class, 0 to {}", path, folder, classes - 1));
    }
    const std::string folder_path = std::filesystem::path(path) / folder;
    const absl::StatusOr<Listing> inner = List(folder_path);
    if (!inner.ok()) return inner.status();
    if (!inner->folders.empty()) {
      return absl::InvalidArgumentError(
          fmt::format("{}: holds a folder, \"{}\", where only pictures are read", folder_path,
                      inner->folders.front()));
    }
    AddPictures(path, folder, label, inner->files, pictures);
  }
  if (pictures.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: holds neither MNIST's files nor train.csv nor any picture (PNG, JPEG, "
                    "PBM, PGM, PPM, or raw files of 784 bytes)",
                    path));
  }
  return pictures;
}

std::string PathOf(const std::string& folder, const FolderPicture& picture) {
  return std::filesystem::path(folder) / picture.source;
}

absl::StatusOr<DataSet> ReadPictureFolder(const std::string& path, int classes,
                                          Normalizing normalizing) {
  const absl::StatusOr<std::vector<FolderPicture>> pictures = ListPictureFolder(path, classes);
  if (!pictures.ok()) return pictures.status();
  std::vector<std::string> paths;
  for (const FolderPicture& picture : *pictures) paths.push_back(PathOf(path, picture));
  const std::vector<PictureOutcome> outcomes = ReadPictureFiles(paths, normalizing, nullptr);
  DataSet data;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i].ok()) return outcomes[i].status();
    if (!outcomes[i]->has_value()) return BlankPictureError(paths[i]);
    const Image& image = **outcomes[i];
    data.pixels.insert(data.pixels.end(), image.begin(), image.end());
    data.sources.push_back((*pictures)[i].source);
    if ((*pictures)[i].label) data.labels.push_back(*(*pictures)[i].label);
  }
  return data;
}

}  // namespace digits
