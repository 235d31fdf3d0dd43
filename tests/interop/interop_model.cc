// The reader, the engine and the writer for tests in other languages:
//   interop_model classify WEIGHTS PIXELS PROBABILITIES
//     u8 in (n x 784), float32 out (n x classes)
//
//   interop_model copy WEIGHTS OTHER_WEIGHTS [f16|bf16|i8]
//     reads the one, writes the other in that storage type, f32 without one
#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/engine/load.h"
#include "server/files/file.h"
#include "server/model/weights_file.h"

namespace digits {
namespace {

constexpr size_t kMaxPixelBytes = 1 << 28;

absl::Status Classify(Weights weights, const std::string& pixels_path,
                      const std::string& probabilities_path) {
  const absl::StatusOr<ServedModel> model =
      MakeServedModel("model", std::move(weights), Precision::kF32);
  if (!model.ok()) return model.status();
  const absl::StatusOr<std::string> bytes = ReadFile(pixels_path, kMaxPixelBytes);
  if (!bytes.ok()) return bytes.status();
  const std::vector<uint8_t> pixels(bytes->begin(), bytes->end());
  std::vector<float> probabilities(pixels.size() / 784 * model->class_names.size());
  model->classifier->Classify(pixels, probabilities);
  return WriteFile(probabilities_path, {reinterpret_cast<const char*>(probabilities.data()),
                                        probabilities.size() * sizeof(float)});
}

absl::Status Copy(const Weights& weights, const std::string& path, const std::string& type) {
  const std::map<std::string, StorageType> types = {{"f32", StorageType::kF32},
                                                    {"f16", StorageType::kF16},
                                                    {"bf16", StorageType::kBf16},
                                                    {"i8", StorageType::kI8}};
  return WriteWeights(weights.network, path, types.at(type));
}

absl::Status Run(const std::vector<std::string>& arguments) {
  const bool classify = arguments.size() == 4 && arguments[0] == "classify";
  const bool copy = arguments.size() >= 3 && arguments[0] == "copy";
  if (!classify && !copy) {
    return absl::InvalidArgumentError(
        "interop_model classify WEIGHTS PIXELS PROBABILITIES | copy WEIGHTS OTHER_WEIGHTS [TYPE]");
  }
  absl::StatusOr<Weights> weights = ReadWeights(arguments[1]);
  if (!weights.ok()) return weights.status();
  if (copy) return Copy(*weights, arguments[2], arguments.size() > 3 ? arguments[3] : "f32");
  return Classify(*std::move(weights), arguments[2], arguments[3]);
}

}  // namespace
}  // namespace digits

int main(int argc, char** argv) {
  const absl::Status status = digits::Run({argv + 1, argv + argc});
  if (status.ok()) return 0;
  std::cerr << status.message() << "\n";
  return 1;
}
