#include "trainer/data/picture_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <filesystem>
#include <fstream>
#include <new>
#include <system_error>
#include <thread>

#include "absl/strings/match.h"
#include "server/files/file.h"
#include "trainer/data/gzip.h"

namespace digits {
namespace {

bool BeginsAsPicture(std::ifstream& file) {
  std::array<char, 8> start;
  file.read(start.data(), start.size());
  return IsPicture({start.data(), static_cast<size_t>(file.gcount())});
}

// Refuses what is neither a picture nor a raw image, without reading more than its start.
absl::Status CheckKind(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return absl::OkStatus();  // ReadFile says why
  const uintmax_t size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file || size == kImagePixels || BeginsAsPicture(file)) return absl::OkStatus();
  return NoPictureError(path, size);
}

// Never throws: what memory there is not for is an error of this file's.
PictureOutcome ReadPictureFile(const std::string& path, Normalizing normalizing) {
  try {
    const absl::Status kind = CheckKind(path);
    if (!kind.ok()) return kind;
    const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxFileBytes);
    if (!bytes.ok()) return bytes.status();
    return ParsePicture(*bytes, path, normalizing);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(fmt::format("{}: there is not enough memory", path));
  }
}

}  // namespace

bool IsNamedAsPicture(const std::string& path) {
  constexpr std::array<std::string_view, 16> kEndings = {
      ".png",  ".jpg",  ".jpeg", ".pbm",  ".pgm", ".ppm", ".pnm", ".raw",
      ".heic", ".heif", ".webp", ".avif", ".gif", ".bmp", ".tif", ".tiff"};
  return std::ranges::any_of(kEndings, [&path](std::string_view ending) {
    return absl::EndsWithIgnoreCase(path, {ending.data(), ending.size()});
  });
}

bool IsPictureFile(const std::string& path) {
  if (IsNamedAsPicture(path)) return true;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::ifstream file(path, std::ios::binary);
  return !file || BeginsAsPicture(file);
}

std::vector<PictureOutcome> ReadPictureFiles(std::span<const std::string> paths,
                                             Normalizing normalizing,
                                             const std::function<void(size_t done)>& progress) {
  std::vector<PictureOutcome> outcomes(paths.size());
  std::atomic<size_t> next = 0;
  std::atomic<size_t> done = 0;
  const auto read = [&](const std::function<void(size_t)>& tell) {
    for (size_t i; (i = next++) < paths.size();) {
      outcomes[i] = ReadPictureFile(paths[i], normalizing);
      ++done;
      if (tell) tell(done);
    }
  };
  std::vector<std::jthread> others;
  const size_t threads = std::min<size_t>(std::thread::hardware_concurrency(), paths.size());
  try {
    while (others.size() + 1 < threads) others.emplace_back(read, nullptr);
  } catch (const std::system_error&) {
    // The system has no thread left: those that there are read all.
  }
  read(progress);
  others.clear();  // waits for them
  return outcomes;
}

absl::Status BlankPictureError(std::string_view name) {
  return absl::InvalidArgumentError(
      fmt::format("{}: is blank: nothing is written on it that stands out", name));
}

}  // namespace digits
