#include "server/engine/onednn_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>
#include <numeric>
#include <oneapi/dnnl/dnnl.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "server/engine/int8_network.h"
#include "server/engine/pixels_to_floats.h"
#include "server/engine/single_threaded_scope.h"
#include "server/image/image.h"

namespace digits {
namespace {

using dnnl::inner_product_forward;
using dnnl::memory;
using DataType = memory::data_type;

// Numbers of images that primitives are prepared for. What lies between them runs at the smallest
// that holds it, in one call, because a call's fixed cost is a small network's whole cost. The rows
// that it computes in vain are a third at most, which is what the steps between powers of two are
// for.
constexpr std::array<size_t, 14> kBatchSizes = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128};
static_assert(kBatchSizes.back() == Workspace::kMaxImages);
constexpr std::array<size_t, 2> kRaceSizes = {1, kRaceImages};

constexpr size_t kAlignment = 64;  // a cache line, and the widest vector

// Never destroyed, so that it outlives every plan.
const dnnl::engine& CpuEngine() {
  static const dnnl::engine& engine = *new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

memory MakeVector(const std::vector<float>& values) {
  const memory::dims dims = {static_cast<memory::dim>(values.size())};
  memory made(memory::desc(dims, DataType::f32, memory::format_tag::a), CpuEngine());
  std::ranges::copy(values, static_cast<float*>(made.get_data_handle()));
  return made;
}

// weights: outputs x inputs, row-major. What is made is transposed: from the other order, oneDNN
// 3.7 reorders floats wrongly where the outputs do not fill their last block.
template <typename T>
memory MakeWeights(int inputs, int outputs, DataType type, const std::vector<T>& weights) {
  memory made(memory::desc({outputs, inputs}, type, memory::format_tag::ba), CpuEngine());
  auto* const transposed = static_cast<T*>(made.get_data_handle());
  const auto rows = static_cast<size_t>(outputs);
  const auto columns = static_cast<size_t>(inputs);
  constexpr size_t kStrip = kAlignment / sizeof(T);  // rows at a time: whole cache lines
  for (size_t begin = 0; begin < rows; begin += kStrip) {
    const size_t end = std::min(rows, begin + kStrip);
    for (size_t i = 0; i < columns; ++i) {
      for (size_t o = begin; o < end; ++o) transposed[i * rows + o] = weights[o * columns + i];
    }
  }
  return made;
}

// A layer as oneDNN takes it.
struct Layer {
  memory::dim inputs = 0;
  memory::dim outputs = 0;
  memory weights;  // of MakeWeights(); none: any float32 weights will do
  // The arguments that are the same for every batch, but for the weights; the bias first.
  std::vector<std::pair<int, memory>> constants;
  DataType weights_type = DataType::f32;
  DataType source = DataType::f32;
  DataType destination = DataType::f32;
  dnnl::primitive_attr attributes;
  dnnl::post_ops post_ops;
};

// `source` and `destination`: of what goes in and comes out.
Layer MakeLayer(int inputs, int outputs, DataType weights_type, const std::vector<float>& bias,
                DataType source, DataType destination) {
  Layer layer;
  layer.inputs = inputs;
  layer.outputs = outputs;
  layer.weights_type = weights_type;
  layer.constants.emplace_back(DNNL_ARG_BIAS, MakeVector(bias));
  layer.source = source;
  layer.destination = destination;
  // In the library's own scratchpad, concurrent runs of a primitive would overwrite one another.
  layer.attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return layer;
}

dnnl::algorithm AlgorithmFor(Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return dnnl::algorithm::eltwise_relu;
    case Activation::kSigmoid:
      return dnnl::algorithm::eltwise_logistic;
    case Activation::kTanh:
      return dnnl::algorithm::eltwise_tanh;
    case Activation::kSoftmax:
      break;
  }
  return dnnl::algorithm::undef;
}

// The oneDNN API differs between its versions 2 and 3 in the next three functions alone.

void AppendPostOp(Layer& layer, dnnl::algorithm algorithm, float alpha, float beta) {
#if DNNL_VERSION_MAJOR >= 3
  layer.post_ops.append_eltwise(algorithm, alpha, beta);
#else
  layer.post_ops.append_eltwise(1, algorithm, alpha, beta);
#endif
  layer.attributes.set_post_ops(layer.post_ops);
}

Layer MakeInt8Layer(const Int8Layer& layer, DataType destination) {
  std::vector<float> bias = layer.bias;
#if DNNL_VERSION_MAJOR < 3
  // It computes scale x (sum + bias).
  std::ranges::transform(bias, layer.scales, bias.begin(), std::divides());
#endif
  Layer made =
      MakeLayer(layer.inputs, layer.outputs, DataType::s8, bias, DataType::u8, destination);
  made.weights = MakeWeights(layer.inputs, layer.outputs, DataType::s8, layer.weights);
#if DNNL_VERSION_MAJOR >= 3
  made.attributes.set_scales_mask(DNNL_ARG_WEIGHTS, 1 << 0);  // one for each row of the weights
  made.constants.emplace_back(DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, MakeVector(layer.scales));
#else
  made.attributes.set_output_scales(1 << 1, layer.scales);  // one for each column of the result
#endif
  return made;
}

inner_product_forward::primitive_desc DescribeInnerProduct(const memory::desc& source,
                                                           const memory::desc& weights,
                                                           const memory::desc& bias,
                                                           const memory::desc& destination,
                                                           const dnnl::primitive_attr& attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return {CpuEngine(), dnnl::prop_kind::forward_inference, source, weights, bias, destination,
          attributes};
#else
  return {{dnnl::prop_kind::forward_inference, source, weights, bias, destination},
          attributes,
          CpuEngine()};
#endif
}

// Of one of a layer's outputs, with the input's offset folded in.
float FoldedBias(const DenseLayer& layer, size_t output, float offset) {
  const auto inputs = static_cast<size_t>(layer.inputs);
  const std::span<const float> row = std::span(layer.weights).subspan(output * inputs, inputs);
  const double sum = std::accumulate(row.begin(), row.end(), 0.0);
  return static_cast<float>(layer.bias[output] + offset * sum);
}

// Folds the input's scale and offset into a layer: it then takes pixels as they are.
DenseLayer TakePixels(const DenseLayer& layer, float scale, float offset) {
  DenseLayer folded = layer;
  for (float& weight : folded.weights) weight *= scale;
  for (size_t i = 0; i < layer.bias.size(); ++i) folded.bias[i] = FoldedBias(layer, i, offset);
  return folded;
}

// Whether what TakePixels() makes of the first layer is finite.
absl::Status CheckTakesPixels(const Network& network) {
  const DenseLayer& layer = network.layers.front();
  float largest = 0;
  for (const float weight : layer.weights) largest = std::max(largest, std::abs(weight));
  std::string_view what;
  if (!std::isfinite(largest * network.input_scale)) what = "weights";
  for (size_t i = 0; what.empty() && i < layer.bias.size(); ++i) {
    if (!std::isfinite(FoldedBias(layer, i, network.input_offset))) what = "bias";
  }
  if (what.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "layer 0: with the input scale and offset folded in, its {} would not be finite", what));
}

// All of a layer in float32 but its weights.
Layer MakeF32Layer(const DenseLayer& layer) {
  Layer made = MakeLayer(layer.inputs, layer.outputs, DataType::f32, layer.bias, DataType::f32,
                         DataType::f32);
  if (layer.activation != Activation::kSoftmax) {
    AppendPostOp(made, AlgorithmFor(layer.activation), 0, 0);
  }
  return made;
}

// Any weights, of a size that arithmetic is not slowed down by. Memory that is still to be written
// would be one page of zeros again and again, and fit into a cache.
memory MakeAnyWeights(const memory::desc& desc) {
  constexpr float kAnyWeight = 0.01f;
  memory made(desc, CpuEngine());
  std::fill_n(static_cast<float*>(made.get_data_handle()), desc.get_size() / sizeof(float),
              kAnyWeight);
  return made;
}

// One layer at one batch size.
struct Step {
  inner_product_forward primitive;
  std::vector<std::pair<int, memory>> constants;
  memory::desc source;
  memory::desc destination;
  memory::desc scratchpad;
};

// One batch size, with a step for each layer.
struct Rung {
  size_t images = 0;
  std::vector<Step> steps;
};
using Ladder = std::vector<Rung>;  // from the smallest to the largest

Ladder MakeLadder(const std::vector<Layer>& layers, std::span<const size_t> sizes) {
  dnnl::stream stream(CpuEngine());
  Ladder ladder;
  for (const size_t images : sizes) ladder.push_back({images, {}});
  for (const Layer& layer : layers) {
    const memory::desc bias = layer.constants.front().second.get_desc();
    std::vector<memory> layouts;  // of the weights that batch sizes asked for, most often one
    for (Rung& rung : ladder) {
      const auto images = static_cast<memory::dim>(rung.images);
      const auto desc = DescribeInnerProduct(
          memory::desc({images, layer.inputs}, layer.source, memory::format_tag::ab),
          memory::desc({layer.outputs, layer.inputs}, layer.weights_type, memory::format_tag::any),
          bias, memory::desc({images, layer.outputs}, layer.destination, memory::format_tag::ab),
          layer.attributes);
      auto layout = std::ranges::find_if(
          layouts, [&](const memory& made) { return made.get_desc() == desc.weights_desc(); });
      if (layout == layouts.end() && !layer.weights) {
        layout = layouts.insert(layouts.end(), MakeAnyWeights(desc.weights_desc()));
      } else if (layout == layouts.end()) {
        layout = layouts.insert(layouts.end(), memory(desc.weights_desc(), CpuEngine()));
        memory plain = layer.weights;
        dnnl::reorder(plain, *layout).execute(stream, plain, *layout);
        stream.wait();
      }
      rung.steps.push_back({inner_product_forward(desc), layer.constants, desc.src_desc(),
                            desc.dst_desc(), desc.scratchpad_desc()});
      rung.steps.back().constants.emplace_back(DNNL_ARG_WEIGHTS, *layout);
    }
  }
  return ladder;
}

// Activations, scratchpad, and their handles for every primitive.
class OnednnWorkspace : public Workspace {
 public:
  // `takes_bytes`: whether the pixels are the source as they are, and not converted to floats.
  OnednnWorkspace(const Ladder& ladder, bool takes_bytes)
      : stream_(CpuEngine()), takes_bytes_(takes_bytes) {
    std::vector<size_t> offsets;
    size_t bytes = 0;
    const auto reserve = [&bytes](size_t size) {
      return std::exchange(bytes, bytes + (size + kAlignment - 1) / kAlignment * kAlignment);
    };
    const std::vector<Step>& largest = ladder.back().steps;
    offsets.push_back(reserve(largest.front().source.get_size()));
    for (const Step& step : largest) offsets.push_back(reserve(step.destination.get_size()));
    size_t scratchpad_bytes = 0;
    for (const Rung& rung : ladder) {
      for (const Step& step : rung.steps) {
        scratchpad_bytes = std::max(scratchpad_bytes, step.scratchpad.get_size());
      }
    }
    const size_t scratchpad = reserve(scratchpad_bytes);

    // calloc() touches no page of a large block: rows that no call fills cost no memory.
    size_t space = bytes + kAlignment;
    block_.reset(std::calloc(space, 1));
    void* aligned = block_.get();
    if (aligned == nullptr) throw std::bad_alloc();
    auto* const base = static_cast<std::byte*>(std::align(kAlignment, bytes, aligned, space));
    pixels_ = base + offsets.front();
    logits_ = reinterpret_cast<const float*>(base + offsets.back());
    for (const Rung& rung : ladder) {
      Batch& batch = batches_.emplace_back();
      batch.images = rung.images;
      for (size_t i = 0; i < rung.steps.size(); ++i) {
        Bind(rung.steps[i], base + offsets[i], base + offsets[i + 1], base + scratchpad,
             batch.calls);
      }
    }
  }

  const float* Run(std::span<const uint8_t> pixels) override {
    const size_t images = pixels.size() / kImagePixels;
    assert(pixels.size() == images * kImagePixels);
    const Batch& batch = BatchFor(images);
    if (!takes_bytes_) {
      PixelsToFloats(pixels.data(), pixels.size(), 1, reinterpret_cast<float*>(pixels_));
    } else if (images == batch.images) {
      SetSource(batch, pixels.data());
    } else {
      // There may be nothing to read behind them.
      std::memcpy(pixels_, pixels.data(), pixels.size());
      SetSource(batch, pixels_);
    }
    return Execute(batch);
  }

  const float* RunEach(std::span<const uint8_t* const> images) override {
    if (images.size() == 1) return Run({images.front(), kImagePixels});
    const Batch& batch = BatchFor(images.size());
    for (size_t i = 0; i < images.size(); ++i) {
      if (takes_bytes_) {
        std::memcpy(pixels_ + i * kImagePixels, images[i], kImagePixels);
      } else {
        Convert(i, images[i]);
      }
    }
    if (takes_bytes_) SetSource(batch, pixels_);
    return Execute(batch);
  }

 private:
  struct Call {
    dnnl_primitive_t primitive;              // the plan's
    std::vector<dnnl_exec_arg_t> arguments;  // the source first
  };
  struct Batch {
    size_t images = 0;
    std::vector<Call> calls;  // one a layer
  };
  struct Free {
    void operator()(void* block) const { std::free(block); }
  };

  // The smallest that holds so many.
  const Batch& BatchFor(size_t images) const {
    assert(images >= 1 && images <= batches_.back().images);
    return *std::ranges::lower_bound(batches_, images, {}, &Batch::images);
  }

  void Convert(size_t row, const uint8_t* image) {
    PixelsToFloats(image, kImagePixels, 1, reinterpret_cast<float*>(pixels_) + row * kImagePixels);
  }

  const float* Execute(const Batch& batch) {
    const SingleThreadedScope single_threaded;
    for (const Call& call : batch.calls) {
      // The C function takes the arguments as they are; the C++ one builds a list of them.
      dnnl::error::wrap_c_api(
          dnnl_primitive_execute(call.primitive, stream_.get(),
                                 static_cast<int>(call.arguments.size()), call.arguments.data()),
          "could not execute an inner product");
    }
    stream_.wait();
    return logits_;
  }

  void Bind(const Step& step, void* source, void* destination, void* scratchpad,
            std::vector<Call>& calls) {
    const auto handle = [this](const memory::desc& desc, void* data) {
      return memories_.emplace_back(desc, CpuEngine(), data).get();
    };
    Call& call = calls.emplace_back();
    call.primitive = step.primitive.get();
    call.arguments = {{DNNL_ARG_SRC, handle(step.source, source)},
                      {DNNL_ARG_DST, handle(step.destination, destination)}};
    if (step.scratchpad.get_size() > 0) {  // every argument costs time at every call
      call.arguments.push_back({DNNL_ARG_SCRATCHPAD, handle(step.scratchpad, scratchpad)});
    }
    for (const auto& [argument, constant] : step.constants) {
      call.arguments.push_back({argument, constant.get()});
    }
  }

  // `data` is only read.
  static void SetSource(const Batch& batch, const void* data) {
    dnnl::error::wrap_c_api(
        dnnl_memory_set_data_handle(batch.calls.front().arguments.front().memory,
                                    const_cast<void*>(data)),
        "could not set the source of an inner product");
  }

  dnnl::stream stream_;
  const bool takes_bytes_;
  std::unique_ptr<void, Free> block_;
  std::vector<memory> memories_;  // owns the handles in the arguments
  std::vector<Batch> batches_;    // by their images
  std::byte* pixels_ = nullptr;   // of the largest batch
  const float* logits_ = nullptr;
};

class OnednnPlan : public Plan {
 public:
  // Throws dnnl::error.
  OnednnPlan(const std::vector<Layer>& layers, std::span<const size_t> sizes)
      : ladder_(MakeLadder(layers, sizes)), takes_bytes_(layers.front().source == DataType::u8) {
    OnednnWorkspace workspace(ladder_, takes_bytes_);
    const std::vector<uint8_t> pixels(sizes.back() * kImagePixels);
    for (const size_t images : sizes) {
      workspace.Run(std::span(pixels).first(images * kImagePixels));
    }
  }

  std::unique_ptr<Workspace> MakeWorkspace() const override {
    return std::make_unique<OnednnWorkspace>(ladder_, takes_bytes_);
  }

 private:
  const Ladder ladder_;
  const bool takes_bytes_;
};

// `make_layers` makes the layers. oneDNN's want of memory becomes std::bad_alloc, its other errors
// Internal.
template <typename MakeLayers>
absl::StatusOr<std::unique_ptr<Plan>> MakePlan(const Network& network,
                                               const MakeLayers& make_layers,
                                               std::span<const size_t> sizes) {
  const SingleThreadedScope single_threaded;  // primitives keep the number of threads
  try {
    return std::make_unique<OnednnPlan>(make_layers(), sizes);
  } catch (const dnnl::error& e) {
    if (e.status == dnnl_out_of_memory) throw std::bad_alloc();
    return absl::InternalError(
        fmt::format("oneDNN cannot run the network {}: {}", Architecture(network), e.what()));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Plan>> MakeF32Plan(const Network& network) {
  if (absl::Status status = CheckTakesPixels(network); !status.ok()) return status;
  const auto make_layers = [&network] {
    const DenseLayer first =
        TakePixels(network.layers.front(), network.input_scale, network.input_offset);
    std::vector<Layer> layers;
    for (size_t i = 0; i < network.layers.size(); ++i) {
      const DenseLayer& layer = i == 0 ? first : network.layers[i];
      layers.push_back(MakeF32Layer(layer));
      layers.back().weights =
          MakeWeights(layer.inputs, layer.outputs, DataType::f32, layer.weights);
    }
    return layers;
  };
  return MakePlan(network, make_layers, kBatchSizes);
}

absl::StatusOr<std::unique_ptr<Plan>> MakePlanLikeF32(const Network& network) {
  if (absl::Status status = CheckTakesPixels(network); !status.ok()) return status;
  const auto make_layers = [&network] {
    std::vector<Layer> layers;
    for (const DenseLayer& layer : network.layers) layers.push_back(MakeF32Layer(layer));
    return layers;
  };
  return MakePlan(network, make_layers, kRaceSizes);
}

absl::StatusOr<std::unique_ptr<Plan>> MakeInt8Plan(const Network& network) {
  const absl::StatusOr<std::vector<Int8Layer>> int8_layers = MakeInt8Network(network);
  if (!int8_layers.ok()) return int8_layers.status();
  const auto make_layers = [&int8_layers] {
    std::vector<Layer> layers;
    for (const Int8Layer& layer : *int8_layers) {
      const bool last = layers.size() + 1 == int8_layers->size();
      layers.push_back(MakeInt8Layer(layer, last ? DataType::f32 : DataType::u8));
      if (!layer.activation) continue;
      const auto& [activation, scale, offset] = *layer.activation;
      AppendPostOp(layers.back(), AlgorithmFor(activation), 0, 0);
      AppendPostOp(layers.back(), dnnl::algorithm::eltwise_linear, scale, offset);
    }
    return layers;
  };
  return MakePlan(network, make_layers, kBatchSizes);
}

absl::Status CheckInt8IsExact() {
  // A set of instructions holds the bits of those that it includes.
  const auto effective = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  for (const dnnl::cpu_isa isa : {dnnl::cpu_isa::avx512_core_vnni, dnnl::cpu_isa::avx2_vnni}) {
    const auto needed = static_cast<unsigned>(isa);
    if ((effective & needed) == needed) return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "int8 would be computed wrongly here: it needs AVX-512 VNNI or AVX-VNNI, which this "
      "processor lacks or ONEDNN_MAX_CPU_ISA forbids; f32 runs everywhere");
}

}  // namespace digits
