// The arithmetic that goes once over all weights, or over all outputs of a layer.
//
// Element by element: the result does not depend on where a range is cut. `size` is a multiple of
// kLanes, and no two arrays overlap.
#ifndef DIGITS_TRAINER_TRAINING_ELEMENTWISE_KERNELS_H_
#define DIGITS_TRAINER_TRAINING_ELEMENTWISE_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace digits {

struct SgdUpdate {
  float learning_rate = 0;
  float momentum = 0;
  float weight_decay = 0;
  bool nesterov = false;
};

// g = gradient + weight_decay x value; velocity = momentum x velocity + g;
// value -= learning_rate x (nesterov ? g + momentum x velocity : velocity)
void UpdateBySgd(float* values, const float* gradients, float* velocity, size_t size,
                 const SgdUpdate& update);

struct AdamUpdate {
  float step_size = 0;  // learning rate / (1 - beta1^t)
  float decay = 0;      // learning rate x weight decay
  float beta1 = 0;
  float beta2 = 0;
  float share1 = 0;  // 1 - beta1, which float would round too much as that difference
  float share2 = 0;
  float second_scale = 0;  // 1 / sqrt(1 - beta2^t)
  float epsilon = 0;
};

// first = beta1 x first + share1 x gradient; second likewise of the squares;
// value -= step_size x first / (sqrt(second) x second_scale + epsilon) + decay x value
void UpdateByAdam(float* values, const float* gradients, float* first, float* second, size_t size,
                  const AdamUpdate& update);

// average += share x (value - average)
void MoveTowards(float* averages, const float* values, size_t size, float share);

// In place, within 4e-7 of the hyperbolic tangent, NaN staying NaN.
void Tanh(float* values, size_t size);

// gradients x= 1 - value^2
void TanhGradient(const float* values, float* gradients, size_t size);

// values = values x scale, or 0 where a number drawn from `key` and the element's place is less
// than `threshold`: so for threshold / 2^32 of them. The same key draws the same again.
void DropOut(float* values, size_t size, uint64_t key, uint32_t threshold, float scale);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_ELEMENTWISE_KERNELS_H_
