#include "trainer/training/optimizer.h"

#include <cmath>

#include "trainer/training/elementwise_kernels.h"
#include "trainer/training/kernels.h"
#include "trainer/training/parallel.h"

namespace digits {
namespace {

// f(begin, end, whether they decay): ranges of a group's weights, then of its biases.
template <typename F>
void ForParts(const ParameterGroup& group, const F& f) {
  ForRanges(group.weights, [&](size_t begin, size_t end) { f(begin, end, true); });
  if (group.weights < group.values.size()) f(group.weights, group.values.size(), false);
}

class Sgd : public Optimizer {
 public:
  Sgd(const OptimizerOptions& options, std::span<const ParameterGroup> groups)
      : Optimizer(groups, options.momentum == 0 && options.weight_decay == 0 ? 0 : 1),
        options_(options) {}

 private:
  void Update(double learning_rate) override {
    const auto rate = static_cast<float>(learning_rate);
    for (size_t g = 0; g < groups_.size(); ++g) {
      float* const values = groups_[g].values.data();
      const float* const gradients = groups_[g].gradients.data();
      ForParts(groups_[g], [&](size_t begin, size_t end, bool decays) {
        const size_t size = end - begin;
        if (memories_.empty()) {
          Descend(values + begin, gradients + begin, size, rate);
          return;
        }
        SgdUpdate update;
        update.learning_rate = rate;
        update.momentum = static_cast<float>(options_.momentum);
        update.weight_decay = decays ? static_cast<float>(options_.weight_decay) : 0;
        update.nesterov = options_.nesterov;
        UpdateBySgd(values + begin, gradients + begin, memories_[0][g].data() + begin, size,
                    update);
      });
    }
  }

  const OptimizerOptions options_;
};

class AdamW : public Optimizer {
 public:
  AdamW(const OptimizerOptions& options, std::span<const ParameterGroup> groups)
      : Optimizer(groups, 2), options_(options) {}

 private:
  void Update(double learning_rate) override {
    const auto t = static_cast<double>(steps_);
    AdamUpdate update;
    update.step_size = static_cast<float>(learning_rate / (1 - std::pow(options_.beta1, t)));
    update.beta1 = static_cast<float>(options_.beta1);
    update.beta2 = static_cast<float>(options_.beta2);
    update.share1 = static_cast<float>(1 - options_.beta1);
    update.share2 = static_cast<float>(1 - options_.beta2);
    update.second_scale = static_cast<float>(1 / std::sqrt(1 - std::pow(options_.beta2, t)));
    update.epsilon = static_cast<float>(options_.epsilon);
    const auto decay = static_cast<float>(learning_rate * options_.weight_decay);
    for (size_t g = 0; g < groups_.size(); ++g) {
      ForParts(groups_[g], [&](size_t begin, size_t end, bool decays) {
        AdamUpdate part = update;
        part.decay = decays ? decay : 0;
        UpdateByAdam(groups_[g].values.data() + begin, groups_[g].gradients.data() + begin,
                     memories_[0][g].data() + begin, memories_[1][g].data() + begin, end - begin,
                     part);
      });
    }
  }

  const OptimizerOptions options_;
};

}  // namespace

Optimizer::Optimizer(std::span<const ParameterGroup> groups, size_t memories)
    : groups_(groups.begin(), groups.end()), memories_(memories) {
  for (std::vector<FloatBuffer>& memory : memories_) {
    for (const ParameterGroup& group : groups_) memory.emplace_back(group.values.size());
  }
}

std::unique_ptr<Optimizer> MakeOptimizer(const OptimizerOptions& options,
                                         std::span<const ParameterGroup> groups) {
  if (options.kind == OptimizerKind::kAdamW) return std::make_unique<AdamW>(options, groups);
  return std::make_unique<Sgd>(options, groups);
}

}  // namespace digits
