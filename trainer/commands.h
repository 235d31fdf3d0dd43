// The sub-commands. Each adds its flags to `app`, which must outlive what it returns.
#ifndef DIGITS_TRAINER_COMMANDS_H_
#define DIGITS_TRAINER_COMMANDS_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "server/engine/onednn_classifier.h"
#include "trainer/data/read.h"

namespace digits {

struct Command {
  CLI::App* app;
  // Does what was asked, with its results on `out`. Returns the program's exit code.
  std::function<int(std::ostream& out)> run;
};

Command FitCommand(CLI::App& app);
Command DistillCommand(CLI::App& app);
Command EvaluateCommand(CLI::App& app);
Command ReportCommand(CLI::App& app);
Command CalibrateCommand(CLI::App& app);
Command ConvertCommand(CLI::App& app);
Command FetchCommand(CLI::App& app);
Command SheetCommand(CLI::App& app);

// --split: which part of the data. `split`, whose value is the default kTest, must outlive
// `command`.
void AddSplitFlag(CLI::App& command, Split& split);

// `flag`: f32 or int8. `precision`, whose value is the default kF32, must outlive `command`.
void AddPrecisionFlag(CLI::App& command, const std::string& flag, const std::string& description,
                      Precision& precision);

// Say on stderr what is wrong and return the exit code for it: 1 where the work failed, 2 where
// what was asked for makes no sense. A stderr that cannot be written is no reason to fail, here and
// in all that the sub-commands say on it.
int Fail(const absl::Status& status);
int RefuseUsage(const absl::Status& status);

}  // namespace digits

#endif  // DIGITS_TRAINER_COMMANDS_H_
