// The arithmetic of narrow layers.
//
// A layer of few outputs costs an inner-product library more for its calls than for its
// arithmetic. These loops keep the weights transposed, inputs x width where width is the number of
// outputs rounded up to kLanes, so that an input touches one contiguous row of them, and zeros in a
// sparse input cost nothing. Sums are made in one order: the same input gives the same bits on a
// kind of processor.
//
// `width` and `size` are multiples of kLanes.
#ifndef DIGITS_TRAINER_TRAINING_KERNELS_H_
#define DIGITS_TRAINER_TRAINING_KERNELS_H_

#include <cstddef>
#include <span>

#include "trainer/training/input.h"

namespace digits {

// output (rows x width) = bias + input weights
void ForwardSparse(SparseRows input, const float* weights, const float* bias, size_t width,
                   float* output);
void ForwardDense(DenseRows input, size_t rows, size_t inputs, const float* weights,
                  const float* bias, size_t width, float* output);

// weight_gradient (inputs x width) += transposed input x output_gradient (rows x width)
void WeightGradientSparse(SparseRows input, const float* output_gradient, size_t width,
                          float* weight_gradient);
void WeightGradientDense(DenseRows input, size_t rows, size_t inputs, const float* output_gradient,
                         size_t width, float* weight_gradient);

// bias_gradient (width) += the sum of the rows of output_gradient (rows x width)
void BiasGradient(const float* output_gradient, size_t rows, size_t width, float* bias_gradient);

// values = max(values, 0), NaN staying NaN
void Relu(float* values, size_t size);

// gradients = 0 where `values`, the outputs of Relu, are 0
void ReluGradient(const float* values, float* gradients, size_t size);

// parameters -= learning_rate x gradients
void Descend(float* parameters, const float* gradients, size_t size, float learning_rate);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_KERNELS_H_
