// The tensors of a weights file: the layers of a network.
#ifndef DIGITS_SERVER_MODEL_WEIGHTS_TENSORS_H_
#define DIGITS_SERVER_MODEL_WEIGHTS_TENSORS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/model/network.h"
#include "server/model/safetensors.h"
#include "server/model/storage_type.h"

namespace digits {

struct StoredLayers {
  std::vector<DenseLayer> layers;  // ReLU, the last one softmax
  StorageType storage = StorageType::kF32;
};

// Layers of float32, whatever type they are stored in. The storage type is that of all weights, or
// kF32 where they have several. InvalidArgument, naming the tensor, where they make no layers that
// follow one another from the pixels on, or a value is not finite.
absl::StatusOr<StoredLayers> ParseLayers(const std::vector<Tensor>& tensors);

// Tensors and their bytes.
struct LayerTensors {
  std::vector<std::string> bytes;
  std::vector<Tensor> tensors;  // of views of `bytes`
};

// InvalidArgument, naming the tensor, where a value does not fit the type.
absl::StatusOr<LayerTensors> MakeTensors(const std::vector<DenseLayer>& layers,
                                         StorageType storage);

}  // namespace digits

#endif  // DIGITS_SERVER_MODEL_WEIGHTS_TENSORS_H_
