#include "trainer/training/activation.h"

#include <cmath>

#include "trainer/training/buffer.h"
#include "trainer/training/kernels.h"

namespace digits {

void Activate(Activation activation, size_t rows, size_t outputs, float* output) {
  const size_t width = RoundUpToLanes(outputs);
  switch (activation) {
    case Activation::kRelu:
      Relu(output, rows * width);
      return;
    case Activation::kSigmoid:
      for (size_t r = 0; r < rows; ++r) {
        for (size_t i = r * width; i < r * width + outputs; ++i) {
          output[i] = 1 / (1 + std::exp(-output[i]));
        }
      }
      return;
    case Activation::kTanh:
      for (size_t r = 0; r < rows; ++r) {
        for (size_t i = r * width; i < r * width + outputs; ++i) output[i] = std::tanh(output[i]);
      }
      return;
    case Activation::kSoftmax:
      return;
  }
}

void ActivationGradient(Activation activation, size_t rows, size_t outputs, const float* output,
                        float* gradient) {
  const size_t size = rows * RoundUpToLanes(outputs);
  switch (activation) {
    case Activation::kRelu:
      ReluGradient(output, gradient, size);
      return;
    case Activation::kSigmoid:
      for (size_t i = 0; i < size; ++i) gradient[i] *= output[i] * (1 - output[i]);
      return;
    case Activation::kTanh:
      for (size_t i = 0; i < size; ++i) gradient[i] *= 1 - output[i] * output[i];
      return;
    case Activation::kSoftmax:
      return;
  }
}

}  // namespace digits
