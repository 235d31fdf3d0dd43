// The flags of `digits-trainer fit`.
#ifndef DIGITS_TRAINER_FIT_FLAGS_H_
#define DIGITS_TRAINER_FIT_FLAGS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "trainer/training/fit.h"

namespace digits {

struct FitFlags {
  FitOptions fit;
  bool batch_given = false;  // or it is the default, and fewer images make a smaller one
  std::string data = "strokes";
  std::string output = "model.safetensors";
  std::string report;  // empty: none
};

// `flags` must outlive `command`.
void AddFitFlags(CLI::App& command, FitFlags& flags);

// The command that does the same again, every flag spelt out but --output and --report.
std::string Recipe(const FitFlags& flags);

}  // namespace digits

#endif  // DIGITS_TRAINER_FIT_FLAGS_H_
