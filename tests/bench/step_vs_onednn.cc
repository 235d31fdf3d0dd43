// A whole training step of a wide network against oneDNN's inner products of the same shapes alone:
// how much of what the library can do on this machine is left after the conversion of the pixels,
// the activations, dropout, the loss and the optimizer; and after the distortion of every image,
// by threads of its own on the same cores.
//
//   step_vs_onednn [THREADS]
//
// All run by turns, and medians are compared. The library's own runs take the order of weights
// that each primitive likes best, and nothing is done between them.
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <dnnl.hpp>
#include <memory>
#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/image/image.h"
#include "trainer/augment/augmenter.h"
#include "trainer/data/strokes.h"
#include "trainer/training/batch_source.h"
#include "trainer/training/multilayer_perceptron.h"
#include "trainer/training/optimizer.h"
#include "trainer/training/random.h"
#include "trainer/training/weight_average.h"

namespace digits {
namespace {

using dnnl::memory;

const std::vector<int> kWidths = {784, 1024, 1024, 10};
constexpr int kRounds = 15;
constexpr int kStepsOfARound = 8;
// Of steps with distorted images, an epoch for each round: none of them is prepared before it.
constexpr int kDistortedSteps = 40;

// Multiplications and additions of a step: forward, gradients by weights and, but for the images,
// gradients by inputs.
double Operations(size_t batch) {
  double operations = 0;
  for (size_t i = 0; i + 1 < kWidths.size(); ++i) {
    operations += 2.0 * static_cast<double>(batch) * kWidths[i] * kWidths[i + 1] * (i == 0 ? 2 : 3);
  }
  return operations;
}

// The inner products of one layer.
class BareLayer {
 public:
  BareLayer(const dnnl::engine& engine, int64_t batch, int64_t inputs, int64_t outputs, bool first)
      : engine_(engine), stream_(engine) {
    const auto describe = [](memory::dims dims, memory::format_tag tag) {
      return memory::desc(std::move(dims), memory::data_type::f32, tag);
    };
    const memory::desc source = describe({batch, inputs}, memory::format_tag::ab);
    const memory::desc weights = describe({outputs, inputs}, memory::format_tag::any);
    const memory::desc bias = describe({outputs}, memory::format_tag::a);
    const memory::desc destination = describe({batch, outputs}, memory::format_tag::ab);
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
    const dnnl::inner_product_forward::primitive_desc forward(
        engine, dnnl::prop_kind::forward_training, source, weights, bias, destination, attributes);
    const dnnl::inner_product_backward_data::primitive_desc data(engine, source, weights,
                                                                 destination, forward, attributes);
    const dnnl::inner_product_backward_weights::primitive_desc gradients(
        engine, source, weights, bias, destination, forward, attributes);
#else
    const dnnl::inner_product_forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, source, weights, bias, destination}, attributes,
        engine);
    const dnnl::inner_product_backward_data::primitive_desc data({source, weights, destination},
                                                                 attributes, engine, forward);
    const dnnl::inner_product_backward_weights::primitive_desc gradients(
        {source, weights, bias, destination}, attributes, engine, forward);
#endif
    Add(dnnl::inner_product_forward(forward), {{DNNL_ARG_SRC, source},
                                               {DNNL_ARG_WEIGHTS, forward.weights_desc()},
                                               {DNNL_ARG_BIAS, bias},
                                               {DNNL_ARG_DST, destination},
                                               {DNNL_ARG_SCRATCHPAD, forward.scratchpad_desc()}});
    Add(dnnl::inner_product_backward_weights(gradients),
        {{DNNL_ARG_SRC, source},
         {DNNL_ARG_DIFF_WEIGHTS, gradients.diff_weights_desc()},
         {DNNL_ARG_DIFF_BIAS, bias},
         {DNNL_ARG_DIFF_DST, destination},
         {DNNL_ARG_SCRATCHPAD, gradients.scratchpad_desc()}});
    if (first) return;
    Add(dnnl::inner_product_backward_data(data), {{DNNL_ARG_DIFF_SRC, source},
                                                  {DNNL_ARG_WEIGHTS, data.weights_desc()},
                                                  {DNNL_ARG_DIFF_DST, destination},
                                                  {DNNL_ARG_SCRATCHPAD, data.scratchpad_desc()}});
  }

  void Run() {
    for (Call& call : calls_) call.primitive.execute(stream_, call.arguments);
    stream_.wait();
  }

 private:
  struct Call {
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;
  };

  void Add(dnnl::primitive primitive, const std::vector<std::pair<int, memory::desc>>& arguments) {
    Call call{std::move(primitive), {}};
    for (const auto& [kind, description] : arguments) {
      FloatBuffer& buffer = *buffers_.emplace_back(std::make_unique<FloatBuffer>(
          RoundUpToLanes(description.get_size() / sizeof(float) + 1)));
      Random random(1, RandomStream::kInitialWeights);
      for (float& value : buffer) value = random.Uniform(-0.1f, 0.1f);
      call.arguments.emplace(kind, memory(description, engine_, buffer.data()));
    }
    calls_.push_back(std::move(call));
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<Call> calls_;
  std::vector<std::unique_ptr<FloatBuffer>> buffers_;
};

// Digits that are distorted and soiled as the recipe `best` does it, epoch after epoch.
class DistortedBatches {
 public:
  explicit DistortedBatches(size_t batch)
      : batch_(batch), data_(DrawStrokes(kDistortedSteps * batch, 1)) {
    AugmentOptions options;
    options.rotation = 15;
    options.scale = 0.15;
    options.shift = 1.5;
    options.elastic_alpha = 36;
    options.soiled = 0.06;
    options.contrast = 0.8;
    options.noise = 96;
    const auto augmenter = std::make_shared<const Augmenter>(options);
    PreparedBatchOptions prepared;
    prepared.make_transform = [augmenter]() -> ImageTransform {
      return [augmenter](uint64_t seed, uint64_t epoch, uint64_t image, ImageView in, Image& out) {
        augmenter->Augment({seed, epoch, image}, in, out);
      };
    };
    prepared.threads = static_cast<size_t>(omp_get_max_threads());
    source_ = MakePreparedBatches(data_, batch, 1.0f / 255, InputForm::kPixels, prepared);
    order_.resize(data_.size());
    std::iota(order_.begin(), order_.end(), 0u);
  }

  Batch Next() {
    if (taken_ % order_.size() == 0) source_->BeginEpoch(++epoch_, order_);
    taken_ += batch_;
    return source_->Next();
  }

 private:
  const size_t batch_;
  const DataSet data_;
  std::vector<uint32_t> order_;
  std::unique_ptr<BatchSource> source_;
  uint64_t epoch_ = 0;
  size_t taken_ = 0;
};

template <typename F>
double SecondsOf(const F& step, int steps = kStepsOfARound) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < steps; ++i) step();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / steps;
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void Compare(size_t batch) {
  // Ours.
  auto network = MultilayerPerceptron::Make(GlorotLayers(kWidths, Activation::kRelu, 1), batch,
                                            InputForm::kPixels);
  if (!network.ok()) std::abort();
  const auto optimizer =
      MakeOptimizer({.kind = OptimizerKind::kAdamW, .weight_decay = 0.01}, network->parameters());
  WeightAverage average(network->parameters(), 0.999);
  Random random(1, RandomStream::kShuffle);
  std::vector<uint8_t> pixels(batch * kImagePixels), labels(batch);
  for (uint8_t& pixel : pixels) {
    pixel = random.Below(5) == 0 ? static_cast<uint8_t>(random.Below(256)) : uint8_t{0};
  }
  for (uint8_t& label : labels) label = static_cast<uint8_t>(random.Below(10));
  const Batch images = {PixelRows{pixels.data(), 1.0f / 255}, labels, {}, {}};
  uint64_t step = 0;
  const auto differentiate = [&] {
    network->Differentiate(images, {.label_smoothing = 0.05f}, {0.2f, 1, step});
  };
  const auto update = [&] {
    optimizer->Step(0.001);
    average.Update(++step);
  };

  DistortedBatches distorted(batch);
  const auto whole = [&] {
    network->Differentiate(distorted.Next(), {.label_smoothing = 0.05f}, {0.2f, 1, step});
    update();
  };

  // The library's.
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  std::vector<std::unique_ptr<BareLayer>> layers;
  for (size_t i = 0; i + 1 < kWidths.size(); ++i) {
    layers.push_back(std::make_unique<BareLayer>(engine, static_cast<int64_t>(batch), kWidths[i],
                                                 kWidths[i + 1], i == 0));
  }
  const auto bare = [&] {
    for (const auto& layer : layers) layer->Run();
  };

  std::vector<double> gradients, updates, steps, products, wholes;
  for (int round = 0; round < kRounds; ++round) {
    gradients.push_back(SecondsOf(differentiate));
    updates.push_back(SecondsOf(update));
    products.push_back(SecondsOf(bare));
    steps.push_back(gradients.back() + updates.back());
    wholes.push_back(SecondsOf(whole, kDistortedSteps));
  }
  const double operations = Operations(batch) * 1e-9;
  const double bare_time = Median(products);
  const auto speed = [&](double time) {
    return fmt::format("{:6.2f} ms, {:4.0f} GFLOP/s, {:3.0f} %", 1e3 * time, operations / time,
                       100 * bare_time / time);
  };
  fmt::print("batch {:4}: oneDNN alone {}\n", batch, speed(bare_time));
  fmt::print("  step {} ({:.2f} gradients, {:.2f} AdamW and average)\n", speed(Median(steps)),
             1e3 * Median(gradients), 1e3 * Median(updates));
  fmt::print("  step of distorted images {}\n", speed(Median(wholes)));
  std::fflush(stdout);
}

}  // namespace
}  // namespace digits

int main(int argc, char** argv) {
  omp_set_num_threads(argc > 1 ? std::atoi(argv[1]) : omp_get_num_procs());
  fmt::print("784-1024-1024-10, {} threads\n", omp_get_max_threads());
  for (const size_t batch : {128, 256, 512}) digits::Compare(batch);
}
