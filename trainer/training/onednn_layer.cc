#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <dnnl.hpp>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/pixels_to_floats.h"
#include "trainer/training/activation.h"
#include "trainer/training/layer.h"
#include "trainer/training/parallel.h"

namespace digits {
namespace {

// A primitive and its arguments, as the library's C function takes them. The C++ one makes a list
// of them at every call.
class Call {
 public:
  Call() = default;
  Call(dnnl::primitive primitive, std::vector<std::pair<int, dnnl::memory>> arguments)
      : primitive_(std::move(primitive)), memories_(std::move(arguments)) {
    for (const auto& [name, memory] : memories_) arguments_.push_back({name, memory.get()});
  }

  // `name` is one of the arguments.
  void Set(int name, float* data) {
    std::ranges::find(memories_, name, &std::pair<int, dnnl::memory>::first)
        ->second.set_data_handle(data);
  }

  void Run(const dnnl::stream& stream) const {
    dnnl::error::wrap_c_api(
        dnnl_primitive_execute(primitive_.get(), stream.get(), static_cast<int>(arguments_.size()),
                               arguments_.data()),
        "could not execute an inner product");
  }

 private:
  dnnl::primitive primitive_;
  std::vector<std::pair<int, dnnl::memory>> memories_;
  std::vector<dnnl_exec_arg_t> arguments_;
};

// The tensors of a layer as oneDNN describes them. All rows are as wide as their padding, whose
// weights are zero and, as its inputs and gradients are, stay so.
struct Descriptions {
  dnnl::memory::desc input, weights, bias, output;
};

// The three primitives, in one order of the weights.
struct Primitives {
  dnnl::inner_product_forward::primitive_desc forward;
  dnnl::inner_product_backward_data::primitive_desc backward_data;
  dnnl::inner_product_backward_weights::primitive_desc backward_weights;

  Primitives(const Descriptions& d, const dnnl::engine& engine) {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
    forward = {engine,    dnnl::prop_kind::forward_training, d.input, d.weights, d.bias, d.output,
               attributes};
    backward_data = {engine, d.input, d.weights, d.output, forward, attributes};
    backward_weights = {engine, d.input, d.weights, d.bias, d.output, forward, attributes};
#else
    forward = {{dnnl::prop_kind::forward_training, d.input, d.weights, d.bias, d.output},
               attributes,
               engine};
    backward_data = {{d.input, d.weights, d.output}, attributes, engine, forward};
    backward_weights = {{d.input, d.weights, d.bias, d.output}, attributes, engine, forward};
#endif
  }

  bool AgreeOnWeights() const {
    return forward.weights_desc() == backward_data.weights_desc() &&
           forward.weights_desc() == backward_weights.diff_weights_desc();
  }
};

dnnl::memory::desc Describe(dnnl::memory::dims dims, dnnl::memory::format_tag tag) {
  return {std::move(dims), dnnl::memory::data_type::f32, tag};
}

// The library's favourite order of the weights where it is one for all three primitives (it is,
// with AVX-512), so that nothing has to be reordered between them; otherwise the plain one.
Primitives ChoosePrimitives(Descriptions d, dnnl::memory::dims weights,
                            const dnnl::engine& engine) {
  d.weights = Describe(weights, dnnl::memory::format_tag::any);
  Primitives primitives(d, engine);
  if (primitives.AgreeOnWeights()) return primitives;
  d.weights = Describe(weights, dnnl::memory::format_tag::ab);
  return Primitives(d, engine);
}

size_t Floats(const dnnl::memory::desc& description) {
  return RoundUpToLanes(description.get_size() / sizeof(float));
}

class OnednnLayer : public Layer {
 public:
  explicit OnednnLayer(const LayerShape& shape)
      : shape_(shape),
        input_width_(RoundUpToLanes(shape.inputs)),
        width_(RoundUpToLanes(shape.outputs)),
        engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_) {
    const auto rows = static_cast<dnnl::memory::dim>(shape.max_rows);
    const auto inputs = static_cast<dnnl::memory::dim>(input_width_);
    const auto outputs = static_cast<dnnl::memory::dim>(width_);
    Descriptions d;
    d.input = Describe({rows, inputs}, dnnl::memory::format_tag::ab);
    d.bias = Describe({outputs}, dnnl::memory::format_tag::a);
    d.output = Describe({rows, outputs}, dnnl::memory::format_tag::ab);
    // Transposed: from the other order, oneDNN 3.7 reorders numbers of outputs that do not fill
    // their last block wrongly.
    plain_weights_ = Describe({outputs, inputs}, dnnl::memory::format_tag::ba);
    const Primitives primitives = ChoosePrimitives(d, {outputs, inputs}, engine_);

    weights_ = primitives.forward.weights_desc();
    bias_offset_ = Floats(weights_);
    values_.resize(bias_offset_ + width_);
    gradients_.resize(values_.size());
    if (shape.input != InputForm::kDense) dense_input_.resize(shape.max_rows * input_width_);
    scratchpad_.resize(std::max({Floats(primitives.forward.scratchpad_desc()),
                                 Floats(primitives.backward_data.scratchpad_desc()),
                                 Floats(primitives.backward_weights.scratchpad_desc())}));

    // The rows' addresses are set at each call.
    const dnnl::memory input(d.input, engine_, nullptr);
    const dnnl::memory input_gradient(d.input, engine_, nullptr);
    const dnnl::memory output(d.output, engine_, nullptr);
    const dnnl::memory output_gradient(d.output, engine_, nullptr);
    const dnnl::memory weights(weights_, engine_, values_.data());
    forward_ = {dnnl::inner_product_forward(primitives.forward),
                {{DNNL_ARG_SRC, input},
                 {DNNL_ARG_WEIGHTS, weights},
                 {DNNL_ARG_BIAS, {d.bias, engine_, values_.data() + bias_offset_}},
                 {DNNL_ARG_DST, output},
                 {DNNL_ARG_SCRATCHPAD, Scratchpad(primitives.forward.scratchpad_desc())}}};
    backward_data_ = {
        dnnl::inner_product_backward_data(primitives.backward_data),
        {{DNNL_ARG_DIFF_SRC, input_gradient},
         {DNNL_ARG_WEIGHTS, weights},
         {DNNL_ARG_DIFF_DST, output_gradient},
         {DNNL_ARG_SCRATCHPAD, Scratchpad(primitives.backward_data.scratchpad_desc())}}};
    backward_weights_ = {
        dnnl::inner_product_backward_weights(primitives.backward_weights),
        {{DNNL_ARG_SRC, input},
         {DNNL_ARG_DIFF_WEIGHTS, {weights_, engine_, gradients_.data()}},
         {DNNL_ARG_DIFF_BIAS, {d.bias, engine_, gradients_.data() + bias_offset_}},
         {DNNL_ARG_DIFF_DST, output_gradient},
         {DNNL_ARG_SCRATCHPAD, Scratchpad(primitives.backward_weights.scratchpad_desc())}}};
  }

  void Forward(const LayerInput& input, size_t rows, float* output) override {
    forward_.Set(DNNL_ARG_SRC, DenseInput(input, rows));
    forward_.Set(DNNL_ARG_DST, output);
    forward_.Run(stream_);
    stream_.wait();
    Activate(shape_.activation, rows, shape_.outputs, output);
  }

  // The primitives take max_rows rows always: a gradient of zero makes the spare ones count for
  // nothing.
  void Backward(const LayerInput& input, size_t rows, const float* output, float* output_gradient,
                float* input_gradient) override {
    ActivationGradient(shape_.activation, rows, shape_.outputs, output, output_gradient);
    std::fill(output_gradient + rows * width_, output_gradient + shape_.max_rows * width_, 0.0f);
    // What was made of images is still there from Forward.
    float* const dense =
        shape_.input == InputForm::kDense ? DenseInput(input, rows) : dense_input_.data();
    backward_weights_.Set(DNNL_ARG_SRC, dense);
    backward_weights_.Set(DNNL_ARG_DIFF_DST, output_gradient);
    backward_weights_.Run(stream_);
    if (input_gradient != nullptr) {
      backward_data_.Set(DNNL_ARG_DIFF_SRC, input_gradient);
      backward_data_.Set(DNNL_ARG_DIFF_DST, output_gradient);
      backward_data_.Run(stream_);
    }
    stream_.wait();
  }

  ParameterGroup parameters() override { return {values_, gradients_, bias_offset_}; }

  void Load(const DenseLayer& layer) override {
    FloatBuffer plain(Floats(plain_weights_));
    for (size_t o = 0; o < shape_.outputs; ++o) {
      for (size_t i = 0; i < shape_.inputs; ++i) {
        plain[i * width_ + o] = layer.weights[o * shape_.inputs + i];
      }
    }
    Reorder({plain_weights_, engine_, plain.data()}, {weights_, engine_, values_.data()});
    std::copy(layer.bias.begin(), layer.bias.end(), values_.data() + bias_offset_);
  }

  DenseLayer ToDenseLayer() const override {
    FloatBuffer plain(Floats(plain_weights_));
    // oneDNN has no memory of constants; a reorder only reads its source.
    float* const values = const_cast<float*>(values_.data());
    Reorder({weights_, engine_, values}, {plain_weights_, engine_, plain.data()});
    DenseLayer layer;
    layer.inputs = static_cast<int>(shape_.inputs);
    layer.outputs = static_cast<int>(shape_.outputs);
    layer.activation = shape_.activation;
    layer.weights.reserve(shape_.inputs * shape_.outputs);
    for (size_t o = 0; o < shape_.outputs; ++o) {
      for (size_t i = 0; i < shape_.inputs; ++i) layer.weights.push_back(plain[i * width_ + o]);
    }
    const float* const bias = values_.data() + bias_offset_;
    layer.bias.assign(bias, bias + shape_.outputs);
    return layer;
  }

 private:
  dnnl::memory Scratchpad(const dnnl::memory::desc& description) {
    return {description, engine_, scratchpad_.data()};
  }

  void Reorder(dnnl::memory from, dnnl::memory to) const {
    dnnl::stream stream(engine_);
    dnnl::reorder(from, to).execute(stream, from, to);
    stream.wait();
  }

  // oneDNN has no memory of constants; it writes only to what it is given as a destination.
  float* DenseInput(const LayerInput& input, size_t rows) {
    if (const auto* const dense = std::get_if<DenseRows>(&input)) {
      return const_cast<float*>(dense->data);
    }
    if (const auto* const images = std::get_if<PixelRows>(&input)) {
      FillDenseInput(*images, rows);
    } else {
      FillDenseInput(std::get<SparseRows>(input));
    }
    return dense_input_.data();
  }

  void FillDenseInput(const PixelRows& images, size_t rows) {
    if (shape_.inputs == input_width_) {
      ForRanges(rows * input_width_, [&](size_t begin, size_t end) {
        PixelsToFloats(images.pixels + begin, end - begin, images.scale,
                       dense_input_.data() + begin);
      });
      return;
    }
    for (size_t r = 0; r < rows; ++r) {
      PixelsToFloats(images.pixels + r * shape_.inputs, shape_.inputs, images.scale,
                     dense_input_.data() + r * input_width_);
    }
  }

  void FillDenseInput(const SparseRows& images) {
    std::fill(dense_input_.begin(), dense_input_.end(), 0.0f);
    for (size_t r = 0; r < images.rows.size(); ++r) {
      float* const row = dense_input_.data() + r * input_width_;
      for (const SparsePixel& pixel : images.rows[r])
        row[pixel.column] = images.values[pixel.level];
    }
  }

  const LayerShape shape_;
  const size_t input_width_;
  const size_t width_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::memory::desc plain_weights_;  // input_width x width
  dnnl::memory::desc weights_;        // the same in the order of the primitives
  size_t bias_offset_ = 0;
  FloatBuffer values_;     // weights, then bias
  FloatBuffer gradients_;  // the same
  FloatBuffer dense_input_;
  FloatBuffer scratchpad_;
  Call forward_;
  Call backward_data_;
  Call backward_weights_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Layer>> MakeOnednnLayer(const LayerShape& shape) try {
  return std::make_unique<OnednnLayer>(shape);
} catch (const dnnl::error& error) {
  return absl::InternalError(fmt::format(
      "oneDNN cannot train a layer of {} inputs and {} outputs, {} images at a time: {}",
      shape.inputs, shape.outputs, shape.max_rows, error.what()));
}

}  // namespace digits
