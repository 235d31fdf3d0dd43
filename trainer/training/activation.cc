#include "trainer/training/activation.h"

#include <cmath>

#include "trainer/training/buffer.h"
#include "trainer/training/elementwise_kernels.h"
#include "trainer/training/kernels.h"
#include "trainer/training/parallel.h"

namespace digits {

void Activate(Activation activation, size_t rows, size_t outputs, float* output) {
  const size_t width = RoundUpToLanes(outputs);
  switch (activation) {
    case Activation::kRelu:
      ForRanges(rows * width, [&](size_t begin, size_t end) { Relu(output + begin, end - begin); });
      return;
    case Activation::kSigmoid:
      for (size_t r = 0; r < rows; ++r) {
        for (size_t i = r * width; i < r * width + outputs; ++i) {
          output[i] = 1 / (1 + std::exp(-output[i]));
        }
      }
      return;
    case Activation::kTanh:
      ForRanges(rows * width, [&](size_t begin, size_t end) { Tanh(output + begin, end - begin); });
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
      ForRanges(size, [&](size_t begin, size_t end) {
        ReluGradient(output + begin, gradient + begin, end - begin);
      });
      return;
    case Activation::kSigmoid:
      for (size_t i = 0; i < size; ++i) gradient[i] *= output[i] * (1 - output[i]);
      return;
    case Activation::kTanh:
      ForRanges(size, [&](size_t begin, size_t end) {
        TanhGradient(output + begin, gradient + begin, end - begin);
      });
      return;
    case Activation::kSoftmax:
      return;
  }
}

}  // namespace digits
