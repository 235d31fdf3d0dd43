#include "client/patterns.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"

namespace digits {
namespace {

bool IsPattern(const std::string& argument) {
  std::error_code error;
  return argument.find_first_of("*?[") != std::string::npos &&
         !std::filesystem::exists(argument, error);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ExpandPatterns(std::span<const std::string> arguments) {
  std::vector<std::string> paths;
  for (const std::string& argument : arguments) {
    if (!IsPattern(argument)) {
      paths.push_back(argument);
      continue;
    }
    glob_t found = {};
    const absl::Cleanup free = [&found] { globfree(&found); };
    const int error = glob(argument.c_str(), GLOB_NOSORT, nullptr, &found);
    if (error == GLOB_NOSPACE) return absl::ResourceExhaustedError("not enough memory");
    if (error != 0) {
      return absl::NotFoundError(fmt::format(
          "{}: there is neither a file of that name nor any that the pattern matches", argument));
    }
    const std::span<char* const> matches(found.gl_pathv, found.gl_pathc);
    std::ranges::sort(found.gl_pathv, found.gl_pathv + found.gl_pathc,
                      [](const char* a, const char* b) { return strverscmp(a, b) < 0; });
    paths.insert(paths.end(), matches.begin(), matches.end());
  }
  return paths;
}

}  // namespace digits
