#include <memory>
#include <string>

#include "server/files/file.h"
#include "server/model/network.h"
#include "trainer/commands.h"
#include "trainer/data/read.h"
#include "trainer/data/sheet.h"

namespace digits {
namespace {

struct Flags {
  std::string data = "strokes";
  std::string output = "sheet.png";
  int rows = 10;
  int columns = 32;
};

int Run(const Flags& flags) {
  const absl::StatusOr<DataSet> data =
      ReadExamples(flags.data, Split::kTrain, {.classes = kMaxClasses});
  if (!data.ok()) return Fail(data.status());
  const absl::StatusOr<std::string> png = SheetPng(*data, flags.rows, flags.columns);
  if (!png.ok()) return RefuseUsage(png.status());
  const absl::Status status = WriteFile(flags.output, *png);
  return status.ok() ? 0 : Fail(status);
}

}  // namespace

Command SheetCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "sheet", "Draws the first digits of a data set as a PNG, a row a class where it is labelled");
  const auto flags = std::make_shared<Flags>();
  command
      ->add_option("--data", flags->data,
                   "IDX, CSV, npz, a folder of pictures, or the word strokes")
      ->type_name("PATH")
      ->capture_default_str();
  command->add_option("--output", flags->output, "The picture")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_option("--rows", flags->rows, "Rows of digits, 1 to 256")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--columns", flags->columns, "Digits in a row, 1 to 256")
      ->type_name("N")
      ->capture_default_str();
  return {command, [flags](std::ostream&) { return Run(*flags); }};
}

}  // namespace digits
