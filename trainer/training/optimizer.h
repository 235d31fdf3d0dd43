// How gradients change parameters.
#ifndef DIGITS_TRAINER_TRAINING_OPTIMIZER_H_
#define DIGITS_TRAINER_TRAINING_OPTIMIZER_H_

#include <memory>
#include <span>

namespace digits {

// Parameters that are updated together, aligned to a cache line, their number a multiple of kLanes.
struct ParameterGroup {
  std::span<float> values;
  std::span<const float> gradients;  // as many
};

class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // Updates every group once. The groups have to be the same ones at every call.
  virtual void Step(std::span<const ParameterGroup> groups) = 0;
};

// Stochastic gradient descent: v = momentum v + gradient; value -= learning_rate v.
// With a constant rate it takes the same steps as Keras' v = momentum v - learning_rate gradient.
std::unique_ptr<Optimizer> MakeSgd(float learning_rate, float momentum);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_OPTIMIZER_H_
