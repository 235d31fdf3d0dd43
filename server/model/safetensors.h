// The safetensors container: named tensors and text, whatever they mean.
//
// 8 bytes: N, unsigned, little-endian; N bytes of JSON; the tensors' bytes, little-endian and
// row-major. Described at https://github.com/huggingface/safetensors.
#ifndef DIGITS_SERVER_MODEL_SAFETENSORS_H_
#define DIGITS_SERVER_MODEL_SAFETENSORS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace digits {

// The format allows 100 MB. A header of ours takes some 100 bytes a tensor.
inline constexpr size_t kMaxSafetensorsHeaderBytes = 1 << 20;

struct Tensor {
  std::string name;
  std::string dtype;            // "F32", "I64", ...
  std::vector<uint64_t> shape;  // none for a scalar
  std::string_view data;        // owned by someone else; at any alignment
};

struct Safetensors {
  std::map<std::string, std::string> metadata;
  std::vector<Tensor> tensors;  // in the order of their data
};

// Checks every rule of the format. The tensors' data are views of `bytes`. InvalidArgument, naming
// the tensor where there is one; so too where a tensor's name is not as CheckName() asks. Types of
// less than a byte (F4, F6) are not known.
absl::StatusOr<Safetensors> ParseSafetensors(std::string_view bytes);

// The same content always makes the same bytes. The tensors keep their order, and the first one's
// data begin at a multiple of 8 bytes. Each one's data must be as long as its shape and dtype say.
// What is not UTF-8 in names and metadata becomes U+FFFD.
std::string SerializeSafetensors(const Safetensors& content);

}  // namespace digits

#endif  // DIGITS_SERVER_MODEL_SAFETENSORS_H_
