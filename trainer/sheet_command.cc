#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/files/file.h"
#include "server/model/network.h"
#include "trainer/augment/augmenter.h"
#include "trainer/augment_flags.h"
#include "trainer/commands.h"
#include "trainer/data/non_digits.h"
#include "trainer/data/read.h"
#include "trainer/data/sheet.h"
#include "trainer/output_path.h"

namespace digits {
namespace {

constexpr std::string_view kNonDigits = "non-digits";

struct SheetFlags {
  std::string data = "strokes";
  std::string output = "sheet.png";
  std::optional<int> rows;
  int columns = 32;
  AugmentOptions augment;
  uint64_t seed = 1;
};

// The labels of images that are no digits are their families.
absl::StatusOr<DataSet> ReadData(const SheetFlags& flags) {
  if (flags.data != kNonDigits) {
    return ReadExamples(flags.data, Split::kTrain, {.classes = kMaxClasses});
  }
  const int columns = std::clamp(flags.columns, 1, kMaxSheetImages);
  return DrawNonDigits(NonDigitFamilies().size() * static_cast<size_t>(columns),
                       ReadOptions().seed);
}

// As the first epoch of a fit sees them.
void AugmentAll(const SheetFlags& flags, DataSet& data) {
  const Augmenter augmenter(flags.augment);
  for (size_t i = 0; i < data.size(); ++i) {
    augmenter.Augment(
        {flags.seed, 1, i}, data.image(i),
        std::span<uint8_t, kImagePixels>(data.pixels.data() + i * kImagePixels, kImagePixels));
  }
}

int Run(const SheetFlags& flags) {
  if (absl::Status status = CheckAugmentOptions(flags.augment); !status.ok()) {
    return RefuseUsage(status);
  }
  absl::Status status = CheckKeeps("--output", flags.output, std::span(&flags.data, 1));
  if (!status.ok()) return RefuseUsage(status);
  absl::StatusOr<DataSet> data = ReadData(flags);
  if (!data.ok()) return Fail(data.status());
  AugmentAll(flags, *data);
  const size_t rows = flags.data == kNonDigits ? NonDigitFamilies().size() : 10;
  const absl::StatusOr<std::string> png =
      SheetPng(*data, flags.rows.value_or(static_cast<int>(rows)), flags.columns);
  if (!png.ok()) return RefuseUsage(png.status());
  status = WriteFile(flags.output, *png);
  return status.ok() ? 0 : Fail(status);
}

}  // namespace

Command SheetCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("sheet",
                                         "Draws the first digits of a data set, distorted or as "
                                         "they are, as a PNG, a row a class where "
                                         "it is labelled");
  command->footer(
      "--data non-digits draws the built-in images that are no digits, a row a family.");
  const auto flags = std::make_shared<SheetFlags>();
  command
      ->add_option("--data", flags->data,
                   "IDX, CSV, npz, a folder of pictures, or the word strokes or non-digits")
      ->type_name("PATH")
      ->capture_default_str();
  command->add_option("--output", flags->output, "The picture")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_option("--rows", flags->rows, "Rows of digits, 1 to 256")
      ->type_name("N")
      ->default_str("10, or all families");
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
