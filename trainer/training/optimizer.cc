#include "trainer/training/optimizer.h"

#include <vector>

#include "trainer/training/buffer.h"
#include "trainer/training/kernels.h"

namespace digits {
namespace {

class Sgd : public Optimizer {
 public:
  Sgd(float learning_rate, float momentum) : learning_rate_(learning_rate), momentum_(momentum) {}

  void Step(std::span<const ParameterGroup> groups) override {
    if (momentum_ == 0) {
      for (const ParameterGroup& group : groups) {
        Descend(group.values.data(), group.gradients.data(), group.values.size(), learning_rate_);
      }
      return;
    }
    velocities_.resize(groups.size());
    for (size_t i = 0; i < groups.size(); ++i) {
      velocities_[i].resize(groups[i].values.size());
      DescendWithMomentum(groups[i].values.data(), groups[i].gradients.data(),
                          velocities_[i].data(), groups[i].values.size(), learning_rate_,
                          momentum_);
    }
  }

 private:
  const float learning_rate_;
  const float momentum_;
  std::vector<FloatBuffer> velocities_;
};

}  // namespace

std::unique_ptr<Optimizer> MakeSgd(float learning_rate, float momentum) {
  return std::make_unique<Sgd>(learning_rate, momentum);
}

}  // namespace digits
