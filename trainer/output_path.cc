#include "trainer/output_path.h"

#include <fmt/format.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace digits {

bool IsSpecial(const std::filesystem::path& output) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(output, error);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
         !std::filesystem::is_directory(status);
}

absl::Status CheckOutput(const std::filesystem::path& output) {
  if (IsSpecial(output)) {
    if (access(output.c_str(), W_OK) == 0) return absl::OkStatus();
    return absl::PermissionDeniedError(
        fmt::format("cannot write {}: no permission", output.string()));
  }
  const std::filesystem::path directory = output.has_parent_path() ? output.parent_path() : ".";
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return absl::NotFoundError(fmt::format("cannot write {}: there is no directory {}",
                                           output.string(), directory.string()));
  }
  if (!output.has_filename() || std::filesystem::is_directory(output, error)) {
    return absl::InvalidArgumentError(
        fmt::format("cannot write {}: it is a directory", output.string()));
  }
  if (access(directory.c_str(), W_OK) != 0) {
    return absl::PermissionDeniedError(
        fmt::format("cannot write {}: no permission for {}", output.string(), directory.string()));
  }
  return absl::OkStatus();
}

absl::Status CheckKeeps(std::string_view flag, const std::filesystem::path& output,
                        std::span<const std::string> inputs) {
  if (IsSpecial(output)) return absl::OkStatus();
  for (const std::string& input : inputs) {
    std::error_code error;
    if (!std::filesystem::exists(input, error) || !SamePath(input, output)) continue;
    return absl::InvalidArgumentError(
        fmt::format("{} {} would overwrite {}, which is read: name another file", flag,
                    output.string(), input));
  }
  return absl::OkStatus();
}

bool SamePath(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto resolve =
      [](const std::filesystem::path& path) -> std::optional<std::filesystem::path> {
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(path, error);
    if (error) return std::nullopt;
    std::filesystem::path resolved = std::filesystem::weakly_canonical(absolute, error);
    if (error) return std::nullopt;
    return resolved;
  };
  const std::optional<std::filesystem::path> resolved = resolve(a);
  return resolved && resolved == resolve(b);
}

std::string StemOf(const std::filesystem::path& weights) {
  constexpr std::string_view kSuffix = ".safetensors";
  std::string stem = weights;
  if (stem.ends_with(kSuffix)) stem.resize(stem.size() - kSuffix.size());
  return stem;
}

}  // namespace digits
