#include "trainer/data/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include "absl/strings/match.h"
#include "server/files/file.h"
#include "trainer/data/gzip.h"
#include "trainer/data/picture.h"

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

bool IsPictureFile(const std::string& path) {
  if (absl::EndsWithIgnoreCase(path, ".png") || absl::EndsWithIgnoreCase(path, ".raw")) return true;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  if (std::filesystem::file_size(path, error) == kImagePixels) return true;
  std::ifstream file(path, std::ios::binary);
  if (!file) return true;  // reading it will say why it cannot be read
  std::array<char, 8> start;
  file.read(start.data(), start.size());
  return IsPng({start.data(), static_cast<size_t>(file.gcount())});
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

// Adds the pictures among `files`, names in `folder` of the data set's path.
absl::Status AddPictures(const std::string& path, const std::string& folder,
                         const std::vector<std::string>& files, DataSet& data) {
  for (const std::string& file : files) {
    std::string source = folder.empty() ? file : fmt::format("{}/{}", folder, file);
    const std::string file_path = std::filesystem::path(path) / source;
    if (!IsPictureFile(file_path)) continue;
    const absl::StatusOr<std::string> bytes = ReadFile(file_path, kMaxFileBytes);
    if (!bytes.ok()) return bytes.status();
    const absl::StatusOr<Image> image = ParsePicture(*bytes, file_path);
    if (!image.ok()) return image.status();
    data.pixels.insert(data.pixels.end(), image->begin(), image->end());
    data.sources.push_back(std::move(source));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DataSet> ReadPictureFolder(const std::string& path, int classes) {
  const absl::StatusOr<Listing> listing = List(path);
  if (!listing.ok()) return listing.status();
  DataSet data;
  if (absl::Status status = AddPictures(path, "", listing->files, data); !status.ok()) {
    return status;
  }
  if (!listing->folders.empty() && data.size() > 0) {
    return absl::InvalidArgumentError(
        fmt::format("{}: holds both pictures ({}) and folders ({}): either all pictures lie in "
                    "folders named by their class, or none",
                    path, data.sources.front(), listing->folders.front()));
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
    if (absl::Status status = AddPictures(path, folder, inner->files, data); !status.ok()) {
      return status;
    }
    data.labels.resize(data.size(), *label);
  }
  if (data.size() == 0) {
    return absl::InvalidArgumentError(
        fmt::format("{}: holds neither MNIST's files nor train.csv nor any picture (PNG, or raw "
                    "files of 784 bytes)",
                    path));
  }
  return data;
}

}  // namespace digits
