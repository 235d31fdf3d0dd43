// Weights files: a Network in the safetensors format.
//
// layers.N.weight (outputs, inputs) and layers.N.bias (outputs), N from 0, both F32, F16 or BF16;
// or the weight I8 with layers.N.weight_scale (outputs), F32: each row of the weight is multiplied
// by its scale. And in __metadata__:
//   digits.format           "1"
//   digits.activations      JSON, one a layer: ["relu", "relu", "softmax"]
//   digits.class_names      JSON: ["0", "1", ...]
//   digits.input_scale      decimal number
//   digits.input_offset     decimal number
//   digits.temperature      decimal number
//   digits.input_ranges     JSON, one a layer but the first: [3.5, 2.25]
//   digits.digit_threshold  decimal number
//   provenance.KEY          an entry of Network::provenance
// What they mean stands at Network's members of the same names. Metadata may be absent as a whole
// or in part: defaults are ReLU with a final softmax, an input scale of 1/255, offset 0,
// temperature 1, no ranges, no threshold, and the decimal names where there are ten classes. So a
// state_dict that PyTorch saved loads as it is; its tensors may be called 0.weight, 2.weight
// (nn.Sequential), fc1.weight, net.layers.0.weight, ...: pairs of .weight and .bias, ordered by the
// last number in their names. Other keys that begin with "digits." are refused, since what they ask
// for would not be done; the rest of the metadata is left alone.
#ifndef DIGITS_SERVER_MODEL_WEIGHTS_FILE_H_
#define DIGITS_SERVER_MODEL_WEIGHTS_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/model/network.h"
#include "server/model/storage_type.h"

namespace digits {

inline constexpr size_t kMaxWeightsFileBytes = size_t{256} << 20;

struct Weights {
  Network network;  // as CheckNetwork() asks; its weights float32 whatever the file holds
  StorageType storage = StorageType::kF32;  // of all weights; kF32 where they have several
  std::string sha256;                       // of the file's bytes, 64 lower-case hexadecimal digits
};

// Reads a weights file, once. NotFound where there is none; InvalidArgument, naming the file and
// the tensor or layer, where it is larger than kMaxWeightsFileBytes, breaks a rule of the format or
// does not describe a network that CheckNetwork() accepts.
absl::StatusOr<Weights> ReadWeights(const std::string& path);

// The same for bytes in memory; `name` stands for the file in errors.
absl::StatusOr<Weights> ParseWeights(std::string_view bytes, std::string_view name);

// The bytes of a weights file. The same network always makes the same bytes. InvalidArgument,
// naming the tensor, where a value is beyond what F16 or BF16 can hold.
absl::StatusOr<std::string> SerializeWeights(const Network& network,
                                             StorageType storage = StorageType::kF32);

// Writes a weights file beside `path`, then renames it: `path` holds the old file or the whole new
// one. InvalidArgument where CheckNetwork() refuses the network, as it does after training has
// diverged to NaN, where SerializeWeights() does, or the file would be larger than
// kMaxWeightsFileBytes. Errors name the path.
absl::Status WriteWeights(const Network& network, const std::string& path,
                          StorageType storage = StorageType::kF32);

}  // namespace digits

#endif  // DIGITS_SERVER_MODEL_WEIGHTS_FILE_H_
