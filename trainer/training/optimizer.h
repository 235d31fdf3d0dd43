// How gradients change parameters.
#ifndef DIGITS_TRAINER_TRAINING_OPTIMIZER_H_
#define DIGITS_TRAINER_TRAINING_OPTIMIZER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "trainer/training/buffer.h"

namespace digits {

// Parameters that are updated together, aligned to a cache line, their number a multiple of kLanes.
struct ParameterGroup {
  std::span<float> values;
  std::span<const float> gradients;  // as many
  size_t weights = 0;                // the first of them, which decay; the rest are biases
};

enum class OptimizerKind {
  // Stochastic gradient descent: g = gradient + weight_decay value; v = momentum v + g;
  // value -= rate v, or with Nesterov's momentum rate (g + momentum v), as in PyTorch's SGD
  // (Sutskever et al., "On the importance of initialization and momentum", 2013).
  kSgd,
  // Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, algorithm 2:
  // m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
  // value -= rate (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + weight_decay value).
  kAdamW,
};

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kSgd;
  double momentum = 0;  // of kSgd
  bool nesterov = false;
  double weight_decay = 0;  // of the weights; biases do not decay
  double beta1 = 0.9;       // of kAdamW
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

// Updates parameters that somebody else owns. Large groups are updated by as many threads as OpenMP
// has; the result does not depend on how many these are.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // Updates every group once by its gradients.
  void Step(double learning_rate) {
    ++steps_;
    Update(learning_rate);
  }

  // What it remembers, to be saved and restored: the steps done, and for each of its kinds of
  // memory (velocity; first and second moment) a buffer for each group, of the group's size.
  uint64_t steps() const { return steps_; }
  void set_steps(uint64_t steps) { steps_ = steps; }
  std::span<std::vector<FloatBuffer>> memories() { return memories_; }

 protected:
  Optimizer(std::span<const ParameterGroup> groups, size_t memories);

  virtual void Update(double learning_rate) = 0;

  const std::vector<ParameterGroup> groups_;
  std::vector<std::vector<FloatBuffer>> memories_;
  uint64_t steps_ = 0;
};

// The groups' memory must outlive it.
std::unique_ptr<Optimizer> MakeOptimizer(const OptimizerOptions& options,
                                         std::span<const ParameterGroup> groups);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_OPTIMIZER_H_
