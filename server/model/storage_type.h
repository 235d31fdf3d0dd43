// The types that a weights file may hold weights in.
#ifndef DIGITS_SERVER_MODEL_STORAGE_TYPE_H_
#define DIGITS_SERVER_MODEL_STORAGE_TYPE_H_

namespace digits {

enum class StorageType {
  kF32,
  kF16,   // as float16.h rounds; biases too
  kBf16,  // as float16.h rounds; biases too
  kI8,    // as quantization.h does; biases in F32
};

}  // namespace digits

#endif  // DIGITS_SERVER_MODEL_STORAGE_TYPE_H_
