#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "server/files/file.h"
#include "server/model/network.h"
#include "trainer/augment/augmenter.h"
#include "trainer/augment_flags.h"
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
  AugmentOptions augment;
  uint64_t seed = 1;
};

// As the first epoch of a fit sees them.
void AugmentAll(const Flags& flags, DataSet& data) {
  const Augmenter augmenter(flags.augment);
  for (size_t i = 0; i < data.size(); ++i) {
    augmenter.Augment(
        {flags.seed, 1, i}, data.image(i),
        std::span<uint8_t, kImagePixels>(data.pixels.data() + i * kImagePixels, kImagePixels));
  }
}

int Run(const Flags& flags) {
  if (absl::Status status = CheckAugmentOptions(flags.augment); !status.ok()) {
    return RefuseUsage(status);
  }
  absl::StatusOr<DataSet> data = ReadExamples(flags.data, Split::kTrain, {.classes = kMaxClasses});
  if (!data.ok()) return Fail(data.status());
  AugmentAll(flags, *data);
  const absl::StatusOr<std::string> png = SheetPng(*data, flags.rows, flags.columns);
  if (!png.ok()) return RefuseUsage(png.status());
  const absl::Status status = WriteFile(flags.output, *png);
  return status.ok() ? 0 : Fail(status);
}

}  // namespace

Command SheetCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("sheet",
                                         "Draws the first digits of a data set, distorted or as "
                                         "they are, as a PNG, a row a class where "
                                         "it is labelled");
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
  command->add_option("--seed", flags->seed, "Of the distortions")
      ->check([](const std::string& text) {
        // CLI11 would take it for a number near 2^64.
        return text.starts_with('-') ? text + " is less than 0" : std::string();
      })
      ->type_name("N")
      ->capture_default_str();
  AddAugmentFlags(*command, flags->augment);
  return {command, [flags](std::ostream&) { return Run(*flags); }};
}

}  // namespace digits
