#include "trainer/training/multilayer_perceptron.h"

#include <cassert>
#include <cmath>
#include <utility>

#include "trainer/training/random.h"

namespace digits {

std::vector<DenseLayer> GlorotLayers(std::span<const int> widths, Activation hidden,
                                     uint64_t seed) {
  Random random(seed, RandomStream::kInitialWeights);
  std::vector<DenseLayer> layers(widths.size() - 1);
  for (size_t i = 0; i < layers.size(); ++i) {
    DenseLayer& layer = layers[i];
    layer.inputs = widths[i];
    layer.outputs = widths[i + 1];
    layer.activation = i + 1 == layers.size() ? Activation::kSoftmax : hidden;
    const float limit = std::sqrt(6.0f / static_cast<float>(layer.inputs + layer.outputs));
    layer.weights.resize(static_cast<size_t>(layer.inputs) * static_cast<size_t>(layer.outputs));
    for (float& weight : layer.weights) weight = random.Uniform(-limit, limit);
    layer.bias.resize(static_cast<size_t>(layer.outputs));
  }
  return layers;
}

absl::StatusOr<MultilayerPerceptron> MultilayerPerceptron::Make(
    const std::vector<DenseLayer>& layers, size_t max_batch, const LayerFactory& make_layer) {
  MultilayerPerceptron network;
  assert(layers.back().outputs >= 1 && layers.back().outputs <= kMaxClasses);
  network.classes_ = static_cast<size_t>(layers.back().outputs);
  for (const DenseLayer& layer : layers) {
    LayerShape shape;
    shape.inputs = static_cast<size_t>(layer.inputs);
    shape.outputs = static_cast<size_t>(layer.outputs);
    shape.activation = layer.activation;
    shape.max_rows = max_batch;
    shape.sparse = network.stages_.empty();
    absl::StatusOr<std::unique_ptr<Layer>> made = make_layer(shape);
    if (!made.ok()) return made.status();
    (*made)->Load(layer);
    Stage stage;
    stage.layer = *std::move(made);
    stage.width = RoundUpToLanes(shape.outputs);
    stage.output.resize(max_batch * stage.width);
    stage.gradient.resize(max_batch * stage.width);
    network.parameters_.push_back(stage.layer->parameters());
    network.stages_.push_back(std::move(stage));
  }
  return network;
}

Score MultilayerPerceptron::Evaluate(const Batch& batch, Loss loss) {
  Forward(batch);
  return ScoreLogits(loss, stages_.back().output.data(), classes_, batch.labels, nullptr);
}

Score MultilayerPerceptron::Differentiate(const Batch& batch, Loss loss) {
  Forward(batch);
  const Score score = ScoreLogits(loss, stages_.back().output.data(), classes_, batch.labels,
                                  stages_.back().gradient.data());
  for (size_t i = stages_.size(); i-- > 0;) {
    stages_[i].layer->Backward(InputOf(i, batch), batch.labels.size(), stages_[i].output.data(),
                               stages_[i].gradient.data(),
                               i == 0 ? nullptr : stages_[i - 1].gradient.data());
  }
  return score;
}

std::vector<DenseLayer> MultilayerPerceptron::ToLayers() const {
  std::vector<DenseLayer> layers;
  for (const Stage& stage : stages_) layers.push_back(stage.layer->ToDenseLayer());
  return layers;
}

LayerInput MultilayerPerceptron::InputOf(size_t stage, const Batch& batch) const {
  if (stage == 0) return batch.images;
  return DenseRows{stages_[stage - 1].output.data(), stages_[stage - 1].width};
}

void MultilayerPerceptron::Forward(const Batch& batch) {
  for (size_t i = 0; i < stages_.size(); ++i) {
    stages_[i].layer->Forward(InputOf(i, batch), batch.labels.size(), stages_[i].output.data());
  }
}

}  // namespace digits
