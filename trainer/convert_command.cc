#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "server/files/sha256.h"
#include "server/model/weights_file.h"
#include "trainer/commands.h"
#include "trainer/output_path.h"

namespace digits {
namespace {

const std::map<std::string, StorageType> kStorageTypes = {{"f32", StorageType::kF32},
                                                          {"f16", StorageType::kF16},
                                                          {"bf16", StorageType::kBf16},
                                                          {"i8", StorageType::kI8}};

struct ConvertFlags {
  std::string input;
  std::string output;
  StorageType storage = StorageType::kF32;
};

int Run(const ConvertFlags& flags, std::ostream& out) {
  const absl::StatusOr<Weights> weights = ReadWeights(flags.input);
  if (!weights.ok()) return Fail(weights.status());
  const absl::Status status = WriteWeights(weights->network, flags.output, flags.storage);
  if (!status.ok()) return Fail(status);
  // The same bytes again: where they went they may not be there to be read.
  const absl::StatusOr<std::string> bytes = SerializeWeights(weights->network, flags.storage);
  if (!bytes.ok()) return Fail(bytes.status());
  const std::string summary = fmt::format("{}: {}, sha256 {}\n", flags.output,
                                          Architecture(weights->network), Sha256Hex(*bytes));
  // A pipe may be stdout, which is then the weights' alone.
  if (IsSpecial(flags.output)) {
    std::fputs(summary.c_str(), stderr);
  } else {
    out << summary;
  }
  return 0;
}

}  // namespace

Command ConvertCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("convert", "Writes a weights file anew, in another storage type");
  command->footer(
      "f32 is what training makes. f16 and bf16 round each value to 16 bits. i8 keeps 8 bits a\n"
      "weight and a scale for each output of a layer: just what the server computes with in int8,\n"
      "so that this loses nothing there. All else in the file stays as it is.");
  const auto flags = std::make_shared<ConvertFlags>();
  command->add_option("WEIGHTS", flags->input, "A weights file (safetensors)")->required();
  command
      ->add_option_function<std::string>(
          "--storage",
          [flags](const std::string& name) { flags->storage = kStorageTypes.at(name); },
          "What the weights are kept in: f32, f16, bf16 or i8")
      ->check(CLI::IsMember(kStorageTypes))
      ->type_name("TYPE")
      ->required();
  command->add_option("--output", flags->output, "The new file; may be the old one")
      ->type_name("FILE")
      ->required();
  return {command, [flags](std::ostream& out) { return Run(*flags, out); }};
}

}  // namespace digits
