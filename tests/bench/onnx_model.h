// A network on ONNX Runtime.
#ifndef DIGITS_TESTS_BENCH_ONNX_MODEL_H_
#define DIGITS_TESTS_BENCH_ONNX_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "server/model/network.h"
#include "trainer/training/buffer.h"

struct OrtEnv;
struct OrtSession;
struct OrtValue;

namespace digits {

// What ONNX Runtime has made. Its errors are std::runtime_error, here and below.
template <typename T>
using OrtOwned = std::unique_ptr<T, void (*)(T*)>;

std::string OnnxRuntimeVersion();

// A session of its CPU provider with one thread, all optimisations and any size of batch: for each
// layer a Gemm and its activation. The temperature is part of the last layer's weights.
class OnnxModel {
 public:
  // `network` is as CheckNetwork() asks.
  explicit OnnxModel(const Network& network);

  // What the first layer sees of the pixels.
  FloatBuffer Inputs(std::span<const uint8_t> pixels) const;
  size_t classes() const { return classes_; }
  OrtSession& session() const { return *session_; }

 private:
  const float input_scale_;
  const float input_offset_;
  const size_t classes_;
  const OrtOwned<OrtEnv> env_;
  const OrtOwned<OrtSession> session_;
};

// A batch of images in tensors of float32, and what the model answers.
class OnnxBatch {
 public:
  // pixels: n x 784. The model must outlive the batch.
  OnnxBatch(const OnnxModel& model, std::span<const uint8_t> pixels);

  void Run();

  // n x classes, row-major, of the last Run().
  std::span<const float> probabilities() const { return probabilities_; }

 private:
  OrtSession& session_;
  FloatBuffer inputs_;
  FloatBuffer probabilities_;
  const OrtOwned<OrtValue> input_;
  const OrtOwned<OrtValue> output_;
};

}  // namespace digits

#endif  // DIGITS_TESTS_BENCH_ONNX_MODEL_H_
