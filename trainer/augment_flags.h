// The flags that say how images are distorted.
#ifndef DIGITS_TRAINER_AUGMENT_FLAGS_H_
#define DIGITS_TRAINER_AUGMENT_FLAGS_H_

#include <CLI/CLI.hpp>
#include <vector>

#include "trainer/augment/options.h"
#include "trainer/training/fit_options.h"

namespace digits {

// `options` must outlive `command`. Their ranges are for CheckAugmentOptions() to check.
void AddAugmentFlags(CLI::App& command, AugmentOptions& options);

// In words, what is done to images; nothing where they stay as they are.
std::vector<OptionText> Describe(const AugmentOptions& options);

}  // namespace digits

#endif  // DIGITS_TRAINER_AUGMENT_FLAGS_H_
