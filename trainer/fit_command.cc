#include <memory>
#include <string>

#include "trainer/commands.h"
#include "trainer/fit_flags.h"
#include "trainer/fit_run.h"

namespace digits {

Command FitCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("fit", "Fits a network to labelled digits and writes its weights");
  command->footer(
      "With --validation-split the weights written are those of the epoch with the least\n"
      "loss on the images kept out, or with --keep-last those of the last; the val_ figures\n"
      "are of these images, and the file is calibrated on them as by the command calibrate.\n"
      "Without it the weights are the last epoch's, and the val_ figures are of the data's\n"
      "test part, and choose nothing.\n"
      "Ctrl-C stops after the batch at hand and writes what there is; the exit code is 1 then,\n"
      "for the fit is not done. Whatever ends the program, --resume goes on from the last\n"
      "checkpoint, to the same bits.");
  const auto flags = std::make_shared<FitFlags>();
  AddFitFlags(*command, *flags);
  return {command, [command, flags](std::ostream& out) {
            if (absl::Status status = ApplyRecipe(*command, *flags); !status.ok()) {
              return RefuseUsage(status);
            }
            return RunFit(*flags, {}, out);
          }};
}

}  // namespace digits
