#include "trainer/training/multilayer_perceptron.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "trainer/data/splitmix.h"
#include "trainer/training/elementwise_kernels.h"
#include "trainer/training/parallel.h"
#include "trainer/training/random.h"

namespace digits {
namespace {

// Has no likeness left to z, or to what neighbours of z give.
uint64_t Mixed(uint64_t z) { return SplitMix(z).Next(); }

void Scale(float* values, size_t size, float factor) {
  ForRanges(size, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) values[i] *= factor;
  });
}

}  // namespace

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
    const std::vector<DenseLayer>& layers, size_t max_batch, InputForm images,
    const LayerFactory& make_layer) {
  MultilayerPerceptron network;
  assert(layers.back().outputs >= 1 && layers.back().outputs <= kMaxClasses);
  network.classes_ = static_cast<size_t>(layers.back().outputs);
  for (const DenseLayer& layer : layers) {
    LayerShape shape;
    shape.inputs = static_cast<size_t>(layer.inputs);
    shape.outputs = static_cast<size_t>(layer.outputs);
    shape.activation = layer.activation;
    shape.max_rows = max_batch;
    shape.input = network.stages_.empty() ? images : InputForm::kDense;
    absl::StatusOr<std::unique_ptr<Layer>> made = make_layer(shape);
    if (!made.ok()) return made.status();
    (*made)->Load(layer);
    Stage stage;
    stage.layer = *std::move(made);
    stage.activation = shape.activation;
    stage.width = RoundUpToLanes(shape.outputs);
    stage.output.resize(max_batch * stage.width);
    stage.gradient.resize(max_batch * stage.width);
    network.parameters_.push_back(stage.layer->parameters());
    network.stages_.push_back(std::move(stage));
  }
  return network;
}

Score MultilayerPerceptron::Evaluate(const Batch& batch, Loss loss) {
  Forward(batch, {});
  return ScoreLogits({loss}, stages_.back().output.data(), classes_, {.labels = batch.labels},
                     nullptr);
}

Score MultilayerPerceptron::Differentiate(const Batch& batch, const LossOptions& loss,
                                          const Dropout& dropout) {
  Forward(batch, dropout);
  const size_t rows = batch.labels.size();
  const Targets targets = {batch.labels,
                           batch.soft_targets.empty() ? nullptr : batch.soft_targets.data(),
                           batch.outliers.empty() ? nullptr : batch.outliers.data()};
  const Score score = ScoreLogits(loss, stages_.back().output.data(), classes_, targets,
                                  stages_.back().gradient.data());
  for (size_t i = stages_.size(); i-- > 0;) {
    if (dropout.rate > 0 && i + 1 < stages_.size()) UndoDropOut(i, rows, dropout);
    stages_[i].layer->Backward(InputOf(i, batch), rows, stages_[i].output.data(),
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

std::vector<DenseLayer> MultilayerPerceptron::ToLayers(std::vector<FloatBuffer>& buffers) {
  Exchange(buffers);
  std::vector<DenseLayer> layers = ToLayers();
  Exchange(buffers);
  return layers;
}

void MultilayerPerceptron::Load(const std::vector<DenseLayer>& layers) {
  assert(layers.size() == stages_.size());
  for (size_t i = 0; i < layers.size(); ++i) stages_[i].layer->Load(layers[i]);
}

void MultilayerPerceptron::Load(const std::vector<DenseLayer>& layers,
                                std::vector<FloatBuffer>& buffers) {
  Exchange(buffers);
  Load(layers);
  Exchange(buffers);
}

LayerInput MultilayerPerceptron::InputOf(size_t stage, const Batch& batch) const {
  if (stage == 0) return batch.images;
  return DenseRows{stages_[stage - 1].output.data(), stages_[stage - 1].width};
}

void MultilayerPerceptron::Forward(const Batch& batch, const Dropout& dropout) {
  const size_t rows = batch.labels.size();
  for (size_t i = 0; i < stages_.size(); ++i) {
    stages_[i].layer->Forward(InputOf(i, batch), rows, stages_[i].output.data());
    if (dropout.rate > 0 && i + 1 < stages_.size()) {
      DropOut(i, rows, dropout, stages_[i].output.data());
    }
  }
}

void MultilayerPerceptron::DropOut(size_t stage, size_t rows, const Dropout& dropout,
                                   float* values) {
  const uint64_t step_key = Mixed(Mixed(dropout.seed) + dropout.step);
  const auto threshold = static_cast<uint32_t>(dropout.rate * 0x1p32);
  const float scale = 1 / (1 - dropout.rate);
  const size_t width = stages_[stage].width;
#pragma omp parallel for schedule(static) if (rows * width >= kParallelFloats)
  for (size_t r = 0; r < rows; ++r) {
    const uint64_t key = Mixed(Mixed(step_key + stage) + r);
    digits::DropOut(values + r * width, width, key, threshold, scale);
  }
}

// From the gradients by what was left of a layer's outputs to those by the outputs, whose own
// values come back too where the layer's derivative needs them. Where one was dropped the gradient
// is 0, whatever its value.
void MultilayerPerceptron::UndoDropOut(size_t stage, size_t rows, const Dropout& dropout) {
  Stage& s = stages_[stage];
  if (s.activation == Activation::kRelu) {
    // Its derivative is 0 where the output is, as it is where one was dropped.
    Scale(s.gradient.data(), rows * s.width, 1 / (1 - dropout.rate));
    return;
  }
  DropOut(stage, rows, dropout, s.gradient.data());
  Scale(s.output.data(), rows * s.width, 1 - dropout.rate);
}

void MultilayerPerceptron::Exchange(std::vector<FloatBuffer>& buffers) {
  for (size_t g = 0; g < parameters_.size(); ++g) {
    std::swap_ranges(buffers[g].begin(), buffers[g].end(), parameters_[g].values.begin());
  }
}

}  // namespace digits
