// Where results go.
#ifndef DIGITS_TRAINER_OUTPUT_PATH_H_
#define DIGITS_TRAINER_OUTPUT_PATH_H_

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace digits {

// Whether it is a device, a pipe or the like, which is written as it is, with nothing beside it.
bool IsSpecial(const std::filesystem::path& output);

// Finds out before the work, not after it, that its result has no place to go to. Not OK, naming
// the path and why.
absl::Status CheckOutput(const std::filesystem::path& output);

// InvalidArgument where `output`, which `flag` names ("--output"), is one of the files that are
// read. What is not there cannot be lost: an input may be a word such as strokes, or "".
absl::Status CheckKeeps(std::string_view flag, const std::filesystem::path& output,
                        std::span<const std::string> inputs);

// Whether both lead to one file, be it there or not. False where that cannot be told.
bool SamePath(const std::filesystem::path& a, const std::filesystem::path& b);

// A weights file's path without its ending, to which those of the files beside it are added.
std::string StemOf(const std::filesystem::path& weights);

}  // namespace digits

#endif  // DIGITS_TRAINER_OUTPUT_PATH_H_
