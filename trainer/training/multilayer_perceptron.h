// A multilayer perceptron in training.
#ifndef DIGITS_TRAINER_TRAINING_MULTILAYER_PERCEPTRON_H_
#define DIGITS_TRAINER_TRAINING_MULTILAYER_PERCEPTRON_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "server/model/network.h"
#include "trainer/training/buffer.h"
#include "trainer/training/input.h"
#include "trainer/training/layer.h"
#include "trainer/training/loss.h"

namespace digits {

// Labelled images that are worked on together, one row each.
struct Batch {
  LayerInput images;  // sparse or pixels
  std::span<const uint8_t> labels;
  // images x classes probabilities that the answers should have, row-major; or none.
  std::span<const float> soft_targets;
  // One an image, not 0 where it is of no class and its label means nothing; or none.
  std::span<const uint8_t> outliers;
};

// Hidden outputs that are left out of a training step, each with probability `rate`; the others are
// made 1 / (1 - rate) times as large (Srivastava et al., "Dropout", 2014, section 10). Which ones
// depends on what is here, the layer and the row alone.
struct Dropout {
  float rate = 0;  // less than 1
  uint64_t seed = 0;
  uint64_t step = 0;
};

// Glorot and Bengio's uniform weights ("Understanding the difficulty of training deep feedforward
// neural networks", 2010, equation 16): within +- sqrt(6 / (inputs + outputs)). Zero biases.
// widths: those of the input, the hidden layers and the classes.
std::vector<DenseLayer> GlorotLayers(std::span<const int> widths, Activation hidden, uint64_t seed);

// Owns the layers and what flows between them. Used by one thread at a time; oneDNN's layers take
// as many threads as OpenMP has when it is made.
class MultilayerPerceptron {
 public:
  using LayerFactory = std::function<absl::StatusOr<std::unique_ptr<Layer>>(const LayerShape&)>;

  // `layers`: at least one, each one's inputs the outputs of the one before, the last one kSoftmax
  // with 1 to kMaxClasses outputs.
  static absl::StatusOr<MultilayerPerceptron> Make(const std::vector<DenseLayer>& layers,
                                                   size_t max_batch,
                                                   InputForm images = InputForm::kSparse,
                                                   const LayerFactory& make_layer = MakeLayer);

  // The sums of losses and right answers over a batch of 1 to max_batch images.
  Score Evaluate(const Batch& batch, Loss loss);

  // The same for a step of training, and sets the gradients of the mean loss.
  Score Differentiate(const Batch& batch, const LossOptions& loss, const Dropout& dropout = {});

  // What an optimizer updates; the same groups at every call.
  std::span<const ParameterGroup> parameters() const { return parameters_; }

  std::vector<DenseLayer> ToLayers() const;

  // The same for buffers that are ordered as the parameters are, one a group, such as an
  // optimizer's memories; their content is exchanged with the parameters for the time of the call.
  std::vector<DenseLayer> ToLayers(std::vector<FloatBuffer>& buffers);

  // Sets the weights, or such buffers; the layers' shapes are those of the network.
  void Load(const std::vector<DenseLayer>& layers);
  void Load(const std::vector<DenseLayer>& layers, std::vector<FloatBuffer>& buffers);

 private:
  // A layer with its outputs and their gradients, max_batch x RoundUpToLanes(outputs).
  struct Stage {
    std::unique_ptr<Layer> layer;
    Activation activation;
    size_t width;
    FloatBuffer output;
    FloatBuffer gradient;
  };

  MultilayerPerceptron() = default;

  LayerInput InputOf(size_t stage, const Batch& batch) const;
  void Forward(const Batch& batch, const Dropout& dropout);
  void DropOut(size_t stage, size_t rows, const Dropout& dropout, float* values);
  void UndoDropOut(size_t stage, size_t rows, const Dropout& dropout);
  void Exchange(std::vector<FloatBuffer>& buffers);

  size_t classes_ = 0;
  std::vector<Stage> stages_;
  std::vector<ParameterGroup> parameters_;
};

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_MULTILAYER_PERCEPTRON_H_
