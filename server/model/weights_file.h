// Weights files: a Network in the safetensors format.
//
// layers.N.weight (outputs, inputs) and layers.N.bias (outputs), N from 0, F32, and in
// __metadata__:
//   digits.format        "1"
//   digits.activations   JSON, one a layer: ["relu", "relu", "softmax"]
//   digits.class_names   JSON: ["0", "1", ...]
//   digits.input_scale   decimal number
//   digits.input_offset  decimal number
//   provenance.KEY       an entry of Network::provenance
// Metadata may be absent as a whole or in part: defaults are ReLU with a final softmax, 1/255, 0,
// and the decimal names where there are ten classes. So a state_dict that PyTorch saved loads as it
// is; its tensors may be called 0.weight, 2.weight (nn.Sequential), fc1.weight,
// net.layers.0.weight, ...: pairs of .weight and .bias, ordered by the last number in their names.
#ifndef DIGITS_SERVER_MODEL_WEIGHTS_FILE_H_
#define DIGITS_SERVER_MODEL_WEIGHTS_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/model/network.h"

namespace digits {

struct Weights {
  Network network;     // checked: shapes fit one another, 784 inputs, every value finite
  std::string sha256;  // of the file's bytes, 64 lower-case hexadecimal digits
};

// Reads a weights file, once. NotFound where there is none; InvalidArgument, naming the file and
// the tensor, where it breaks a rule of the format or does not describe a network.
absl::StatusOr<Weights> ReadWeights(const std::string& path);

// The same for bytes in memory; `name` stands for the file in errors.
absl::StatusOr<Weights> ParseWeights(std::string_view bytes, std::string_view name);

// The bytes of a weights file.
std::string SerializeWeights(const Network& network);

// Writes a weights file beside `path`, then renames it: `path` holds the old file or the whole new
// one. Errors name the path.
absl::Status WriteWeights(const Network& network, const std::string& path);

}  // namespace digits

#endif  // DIGITS_SERVER_MODEL_WEIGHTS_FILE_H_
