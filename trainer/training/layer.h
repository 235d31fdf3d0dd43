// One dense layer in training.
#ifndef DIGITS_TRAINER_TRAINING_LAYER_H_
#define DIGITS_TRAINER_TRAINING_LAYER_H_

#include <cstddef>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "server/model/network.h"
#include "trainer/training/buffer.h"
#include "trainer/training/input.h"
#include "trainer/training/optimizer.h"

namespace digits {

struct LayerShape {
  size_t inputs = 0;
  size_t outputs = 0;
  Activation activation = Activation::kRelu;
  size_t max_rows = 0;  // of a batch
  InputForm input = InputForm::kDense;
};

// activation(weights x + bias) for the rows of a batch, and its gradients. kSoftmax leaves logits:
// the loss applies it.
//
// The rows of dense inputs, outputs and their gradients lie RoundUpToLanes(n) floats apart where n
// is their width, and what is beyond n is zero. Used by one thread at a time.
class Layer {
 public:
  virtual ~Layer() = default;

  // input: rows x inputs; output: rows x outputs, set.
  virtual void Forward(const LayerInput& input, size_t rows, float* output) = 0;

  // Sets the gradients of the parameters from those of the output.
  // output: as Forward left it; output_gradient: rows x outputs, left as the gradient before the
  // activation; input_gradient: rows x inputs, set, or null where nobody asks.
  virtual void Backward(const LayerInput& input, size_t rows, const float* output,
                        float* output_gradient, float* input_gradient) = 0;

  // Weights and bias in the layer's own order; the same span at every call.
  virtual ParameterGroup parameters() = 0;

  // The weights as (outputs x inputs) and the bias. `layer` fits the shape.
  virtual void Load(const DenseLayer& layer) = 0;
  virtual DenseLayer ToDenseLayer() const = 0;
};

// Whether MakeLayer() takes loops of our own.
bool LoopsAreFaster(const LayerShape& shape);

// Loops of our own, which a layer of few outputs is fastest with. Not for pixels.
std::unique_ptr<Layer> MakeNarrowLayer(const LayerShape& shape);

// oneDNN's inner products, with as many threads as OpenMP has at this call. Internal where oneDNN
// fails.
absl::StatusOr<std::unique_ptr<Layer>> MakeOnednnLayer(const LayerShape& shape);

// The faster one of the two for its shape.
absl::StatusOr<std::unique_ptr<Layer>> MakeLayer(const LayerShape& shape);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_LAYER_H_
