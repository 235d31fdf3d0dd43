// Weights files as tests make them, right or wrong.
#ifndef DIGITS_TESTS_SERVER_MODEL_WEIGHTS_DRAFT_H_
#define DIGITS_TESTS_SERVER_MODEL_WEIGHTS_DRAFT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "server/model/safetensors.h"

namespace digits {

// A file under construction: tensors by name, each with its dtype, shape and values.
struct Draft {
  struct F32 {
    std::vector<uint64_t> shape;
    std::vector<float> values;
    std::string dtype = "F32";
  };
  std::map<std::string, F32> tensors;
  std::map<std::string, std::string> metadata;

  std::string Bytes() const {
    Safetensors content = {.metadata = metadata, .tensors = {}};
    for (const auto& [name, tensor] : tensors) {
      content.tensors.push_back({name,
                                 tensor.dtype,
                                 tensor.shape,
                                 {reinterpret_cast<const char*>(tensor.values.data()),
                                  tensor.values.size() * sizeof(float)}});
    }
    return SerializeSafetensors(content);
  }

  void AddLayer(const std::string& name, uint64_t inputs, uint64_t outputs, float value = 0.5f) {
    tensors[name + ".weight"] = {{outputs, inputs}, std::vector<float>(outputs * inputs, value)};
    tensors[name + ".bias"] = {{outputs}, std::vector<float>(outputs, value)};
  }
};

// 784-3-10, named as nn.Sequential does.
inline Draft SmallDraft() {
  Draft draft;
  draft.AddLayer("0", 784, 3);
  draft.AddLayer("2", 3, 10);
  return draft;
}

}  // namespace digits

#endif  // DIGITS_TESTS_SERVER_MODEL_WEIGHTS_DRAFT_H_
