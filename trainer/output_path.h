// Where results go.
#ifndef DIGITS_TRAINER_OUTPUT_PATH_H_
#define DIGITS_TRAINER_OUTPUT_PATH_H_

#include <filesystem>
#include <string>

#include "absl/status/status.h"

namespace digits {

// Whether it is a device, a pipe or the like, which is written as it is, with nothing beside it.
bool IsSpecial(const std::filesystem::path& output);

// Finds out before the work, not after it, that its result has no place to go to. Not OK, naming
// the path and why.
absl::Status CheckOutput(const std::filesystem::path& output);

// Whether both lead to one file, be it there or not.
bool SamePath(const std::filesystem::path& a, const std::filesystem::path& b);

// A weights file's path without its ending, to which those of the files beside it are added.
std::string StemOf(const std::filesystem::path& weights);

}  // namespace digits

#endif  // DIGITS_TRAINER_OUTPUT_PATH_H_
