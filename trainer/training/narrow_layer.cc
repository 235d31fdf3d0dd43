#include <algorithm>
#include <cassert>

#include "trainer/training/activation.h"
#include "trainer/training/kernels.h"
#include "trainer/training/layer.h"

namespace digits {
namespace {

class NarrowLayer : public Layer {
 public:
  explicit NarrowLayer(const LayerShape& shape)
      : shape_(shape),
        width_(RoundUpToLanes(shape.outputs)),
        values_((shape.inputs + 1) * width_),
        gradients_(values_.size()),
        input_width_(RoundUpToLanes(shape.inputs)) {
    assert(shape.input != InputForm::kPixels);
    if (!sparse()) {
      weights_by_output_.resize(shape.outputs * input_width_);
      no_bias_.resize(input_width_);
    }
  }

  void Forward(const LayerInput& input, size_t rows, float* output) override {
    if (sparse()) {
      ForwardSparse(std::get<SparseRows>(input), weights(), bias(), width_, output);
    } else {
      ForwardDense(std::get<DenseRows>(input), rows, shape_.inputs, weights(), bias(), width_,
                   output);
    }
    Activate(shape_.activation, rows, shape_.outputs, output);
  }

  void Backward(const LayerInput& input, size_t rows, const float* output, float* output_gradient,
                float* input_gradient) override {
    ActivationGradient(shape_.activation, rows, shape_.outputs, output, output_gradient);
    std::fill(gradients_.begin(), gradients_.end(), 0.0f);
    if (sparse()) {
      WeightGradientSparse(std::get<SparseRows>(input), output_gradient, width_, gradients_.data());
    } else {
      WeightGradientDense(std::get<DenseRows>(input), rows, shape_.inputs, output_gradient, width_,
                          gradients_.data());
    }
    BiasGradient(output_gradient, rows, width_, gradients_.data() + shape_.inputs * width_);
    if (input_gradient != nullptr) {
      TransposeWeights();
      ForwardDense({output_gradient, width_}, rows, shape_.outputs, weights_by_output_.data(),
                   no_bias_.data(), input_width_, input_gradient);
    }
  }

  ParameterGroup parameters() override {
    return {values_, gradients_, static_cast<size_t>(bias_offset())};
  }

  void Load(const DenseLayer& layer) override {
    for (size_t o = 0; o < shape_.outputs; ++o) {
      for (size_t i = 0; i < shape_.inputs; ++i) {
        values_[i * width_ + o] = layer.weights[o * shape_.inputs + i];
      }
    }
    std::copy(layer.bias.begin(), layer.bias.end(), values_.begin() + bias_offset());
  }

  DenseLayer ToDenseLayer() const override {
    DenseLayer layer;
    layer.inputs = static_cast<int>(shape_.inputs);
    layer.outputs = static_cast<int>(shape_.outputs);
    layer.activation = shape_.activation;
    layer.weights.reserve(shape_.inputs * shape_.outputs);
    for (size_t o = 0; o < shape_.outputs; ++o) {
      for (size_t i = 0; i < shape_.inputs; ++i) {
        layer.weights.push_back(values_[i * width_ + o]);
      }
    }
    layer.bias.assign(bias(), bias() + shape_.outputs);
    return layer;
  }

 private:
  bool sparse() const { return shape_.input == InputForm::kSparse; }
  ptrdiff_t bias_offset() const { return static_cast<ptrdiff_t>(shape_.inputs * width_); }
  const float* weights() const { return values_.data(); }
  const float* bias() const { return values_.data() + bias_offset(); }

  void TransposeWeights() {
    for (size_t i = 0; i < shape_.inputs; ++i) {
      for (size_t o = 0; o < shape_.outputs; ++o) {
        weights_by_output_[o * input_width_ + i] = values_[i * width_ + o];
      }
    }
  }

  const LayerShape shape_;
  const size_t width_;     // of a row of outputs
  FloatBuffer values_;     // weights (inputs x width), then bias (width)
  FloatBuffer gradients_;  // the same
  // What the input's gradient needs, where it is asked for.
  const size_t input_width_;
  FloatBuffer weights_by_output_;  // outputs x input_width
  FloatBuffer no_bias_;            // input_width zeros
};

}  // namespace

std::unique_ptr<Layer> MakeNarrowLayer(const LayerShape& shape) {
  return std::make_unique<NarrowLayer>(shape);
}

}  // namespace digits
