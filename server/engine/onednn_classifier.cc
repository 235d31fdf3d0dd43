#include "server/engine/onednn_classifier.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <numeric>
#include <oneapi/dnnl/dnnl.hpp>
#include <utility>
#include <vector>

#include "server/engine/softmax.h"
#include "server/image/image.h"

namespace digits {
namespace {

using dnnl::inner_product_forward;
using dnnl::memory;

// Numbers of images that primitives are prepared for. More images are cut into pieces of the last;
// what remains runs at the smallest that holds it, in one call, because a call's fixed cost is a
// small network's whole cost. The rows that it computes in vain are a third at most, which is what
// the steps between powers of two are for. Beyond 128 images nothing gets cheaper, and the
// activations would leave the second-level cache.
constexpr std::array<size_t, 14> kBatchSizes = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128};
constexpr size_t kMaxBatch = kBatchSizes.back();

constexpr size_t kAlignment = 64;  // a cache line, and the widest vector

// Has what oneDNN creates or runs on this thread use this thread alone: teams of threads would
// compete with the server's own.
class SingleThreadedScope {
 public:
  SingleThreadedScope() : threads_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~SingleThreadedScope() { omp_set_num_threads(threads_); }
  SingleThreadedScope(const SingleThreadedScope&) = delete;
  SingleThreadedScope& operator=(const SingleThreadedScope&) = delete;

 private:
  const int threads_;
};

// Never destroyed, so that it outlives every classifier.
const dnnl::engine& CpuEngine() {
  static const dnnl::engine& engine = *new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

memory::desc PlainDesc(const memory::dims& dims, memory::format_tag tag) {
  return memory::desc(dims, memory::data_type::f32, tag);
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

// The oneDNN API differs between its versions 2 and 3 here alone.
inner_product_forward::primitive_desc DescribeInnerProduct(const memory::desc& source,
                                                           const memory::desc& weights,
                                                           const memory::desc& bias,
                                                           const memory::desc& destination,
                                                           Activation activation) {
  dnnl::primitive_attr attributes;
  // In the library's own scratchpad, concurrent runs of a primitive would overwrite one another.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (activation != Activation::kSoftmax) {
    const dnnl::algorithm algorithm = AlgorithmFor(activation);
    dnnl::post_ops post_ops;
#if DNNL_VERSION_MAJOR >= 3
    post_ops.append_eltwise(algorithm, 0, 0);
#else
    post_ops.append_eltwise(1, algorithm, 0, 0);
#endif
    attributes.set_post_ops(post_ops);
  }
#if DNNL_VERSION_MAJOR >= 3
  return {CpuEngine(), dnnl::prop_kind::forward_inference, source, weights, bias, destination,
          attributes};
#else
  return {{dnnl::prop_kind::forward_inference, source, weights, bias, destination},
          attributes,
          CpuEngine()};
#endif
}

// Folds the input's scale and offset into a layer: it then takes pixels as they are.
DenseLayer TakePixels(const DenseLayer& layer, float scale, float offset) {
  DenseLayer folded = layer;
  const size_t inputs = static_cast<size_t>(layer.inputs);
  for (size_t i = 0; i < layer.bias.size(); ++i) {
    const std::span<float> row = std::span(folded.weights).subspan(i * inputs, inputs);
    const double sum = std::accumulate(row.begin(), row.end(), 0.0);
    folded.bias[i] = static_cast<float>(layer.bias[i] + offset * sum);
    for (float& weight : row) weight *= scale;
  }
  return folded;
}

// One layer at one batch size.
struct Step {
  inner_product_forward primitive;
  memory weights;
  memory bias;
  memory::desc source;
  memory::desc destination;
  memory::desc scratchpad;
};

// A network prepared to run; never changed, and shared by all threads.
struct Plan {
  std::vector<size_t> widths;  // of the input and of each layer's output
  // One for each of kBatchSizes, with a step for each layer.
  std::array<std::vector<Step>, kBatchSizes.size()> batches;
};

Plan MakePlan(const Network& network) {
  dnnl::stream stream(CpuEngine());
  Plan plan;
  plan.widths.push_back(kImagePixels);
  for (size_t i = 0; i < network.layers.size(); ++i) {
    const DenseLayer layer =
        i == 0 ? TakePixels(network.layers[0], network.input_scale, network.input_offset)
               : network.layers[i];
    plan.widths.push_back(layer.bias.size());
    const memory::dims dims = {layer.outputs, layer.inputs};
    memory plain(PlainDesc(dims, memory::format_tag::ab), CpuEngine());
    std::ranges::copy(layer.weights, static_cast<float*>(plain.get_data_handle()));
    memory bias(PlainDesc({layer.outputs}, memory::format_tag::a), CpuEngine());
    std::ranges::copy(layer.bias, static_cast<float*>(bias.get_data_handle()));

    std::vector<memory> layouts;  // that batch sizes asked for, most often one
    for (size_t b = 0; b < kBatchSizes.size(); ++b) {
      const auto images = static_cast<memory::dim>(kBatchSizes[b]);
      const auto desc = DescribeInnerProduct(
          PlainDesc({images, layer.inputs}, memory::format_tag::ab),
          PlainDesc(dims, memory::format_tag::any), bias.get_desc(),
          PlainDesc({images, layer.outputs}, memory::format_tag::ab), layer.activation);
      auto layout = std::ranges::find_if(
          layouts, [&](const memory& made) { return made.get_desc() == desc.weights_desc(); });
      if (layout == layouts.end()) {
        layout = layouts.insert(layouts.end(), memory(desc.weights_desc(), CpuEngine()));
        dnnl::reorder(plain, *layout).execute(stream, plain, *layout);
        stream.wait();
      }
      plan.batches[b].push_back({inner_product_forward(desc), *layout, bias, desc.src_desc(),
                                 desc.dst_desc(), desc.scratchpad_desc()});
    }
  }
  return plan;
}

// What one call at a time needs: activations, scratchpad, and their handles for every primitive.
class Workspace {
 public:
  explicit Workspace(const Plan& plan) : stream_(CpuEngine()) {
    std::vector<size_t> offsets;
    size_t bytes = 0;
    const auto reserve = [&bytes](size_t size) {
      return std::exchange(bytes, bytes + (size + kAlignment - 1) / kAlignment * kAlignment);
    };
    for (const size_t width : plan.widths) {
      offsets.push_back(reserve(kMaxBatch * width * sizeof(float)));
    }
    size_t scratchpad_bytes = 0;
    for (const std::vector<Step>& steps : plan.batches) {
      for (const Step& step : steps) {
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
    pixels_ = reinterpret_cast<float*>(base + offsets.front());
    logits_ = reinterpret_cast<const float*>(base + offsets.back());
    for (size_t b = 0; b < kBatchSizes.size(); ++b) {
      for (size_t i = 0; i < plan.batches[b].size(); ++i) {
        Bind(plan.batches[b][i], base + offsets[i], base + offsets[i + 1], base + scratchpad,
             batches_[b]);
      }
    }
  }

  // kMaxBatch x 784, to be filled before Run().
  float* pixels() { return pixels_; }

  // Runs as many images as kBatchSizes[batch] says and returns their logits.
  const float* Run(size_t batch) {
    for (const Call& call : batches_[batch]) {
      // The C function takes the arguments as they are; the C++ one builds a list of them.
      dnnl::error::wrap_c_api(
          dnnl_primitive_execute(call.primitive, stream_.get(),
                                 static_cast<int>(call.arguments.size()), call.arguments.data()),
          "could not execute an inner product");
    }
    stream_.wait();
    return logits_;
  }

 private:
  struct Call {
    dnnl_primitive_t primitive;  // the plan's
    std::array<dnnl_exec_arg_t, 5> arguments;
  };
  struct Free {
    void operator()(void* block) const { std::free(block); }
  };

  void Bind(const Step& step, void* source, void* destination, void* scratchpad,
            std::vector<Call>& calls) {
    const auto handle = [this](const memory::desc& desc, void* data) {
      return memories_.emplace_back(desc, CpuEngine(), data).get();
    };
    calls.push_back({step.primitive.get(),
                     {{{DNNL_ARG_SRC, handle(step.source, source)},
                       {DNNL_ARG_WEIGHTS, step.weights.get()},
                       {DNNL_ARG_BIAS, step.bias.get()},
                       {DNNL_ARG_DST, handle(step.destination, destination)},
                       {DNNL_ARG_SCRATCHPAD, handle(step.scratchpad, scratchpad)}}}});
  }

  dnnl::stream stream_;
  std::unique_ptr<void, Free> block_;
  std::vector<memory> memories_;  // owns the handles in the arguments
  std::array<std::vector<Call>, kBatchSizes.size()> batches_;
  float* pixels_ = nullptr;
  const float* logits_ = nullptr;
};

// Workspaces that no call is using. Takes no lock; every thread looks first where it looked last,
// so that a workspace stays in one core's cache.
class WorkspacePool {
 public:
  explicit WorkspacePool(const Plan& plan) : plan_(plan) {}
  ~WorkspacePool() {
    for (Slot& slot : slots_) delete slot.workspace.load();
  }
  WorkspacePool(const WorkspacePool&) = delete;
  WorkspacePool& operator=(const WorkspacePool&) = delete;

  std::unique_ptr<Workspace> Take() {
    for (size_t i = 0; i < kSlots; ++i) {
      if (Workspace* workspace = SlotAt(i).workspace.exchange(nullptr)) {
        return std::unique_ptr<Workspace>(workspace);
      }
    }
    return std::make_unique<Workspace>(plan_);
  }

  void Give(std::unique_ptr<Workspace> workspace) {
    for (size_t i = 0; i < kSlots; ++i) {
      Workspace* expected = nullptr;
      if (SlotAt(i).workspace.compare_exchange_strong(expected, workspace.get())) {
        static_cast<void>(workspace.release());
        return;
      }
    }
  }

 private:
  // More calls than this at one moment make workspaces of their own.
  static constexpr size_t kSlots = 64;
  struct alignas(kAlignment) Slot {
    std::atomic<Workspace*> workspace = nullptr;
  };

  Slot& SlotAt(size_t i) {
    static std::atomic<size_t> threads = 0;
    thread_local const size_t first = threads++;
    return slots_[(first + i) % kSlots];
  }

  const Plan& plan_;
  std::array<Slot, kSlots> slots_;
};

// The inner loop's length is a constant so that compilers vectorise it.
void ConvertPixels(const uint8_t* __restrict pixels, size_t images, float* __restrict converted) {
  for (size_t i = 0; i < images; ++i) {
    for (size_t j = 0; j < kImagePixels; ++j) {
      converted[i * kImagePixels + j] = static_cast<float>(pixels[i * kImagePixels + j]);
    }
  }
}

class OnednnClassifier : public Classifier {
 public:
  // Throws dnnl::error.
  explicit OnednnClassifier(const Network& network) : plan_(MakePlan(network)) {
    std::unique_ptr<Workspace> workspace = workspaces_.Take();
    for (size_t b = 0; b < kBatchSizes.size(); ++b) workspace->Run(b);
    workspaces_.Give(std::move(workspace));
  }

  int classes() const override { return static_cast<int>(plan_.widths.back()); }
  std::string_view precision() const override { return "f32"; }

  // What ran at load fails later only for want of memory, which ends the process as elsewhere.
  void Classify(std::span<const uint8_t> pixels,
                std::span<float> probabilities) const noexcept override {
    const size_t classes = plan_.widths.back();
    size_t remaining = pixels.size() / kImagePixels;
    assert(pixels.size() == remaining * kImagePixels);
    assert(probabilities.size() == remaining * classes);
    if (remaining == 0) return;
    const SingleThreadedScope single_threaded;
    std::unique_ptr<Workspace> workspace = workspaces_.Take();
    while (remaining > 0) {
      const size_t images = std::min(remaining, kMaxBatch);
      const auto* const fitting = std::ranges::lower_bound(kBatchSizes, images);
      ConvertPixels(pixels.data(), images, workspace->pixels());
      const float* logits = workspace->Run(static_cast<size_t>(fitting - kBatchSizes.begin()));
      for (size_t i = 0; i < images; ++i) {
        Softmax({logits + i * classes, classes}, probabilities.subspan(i * classes, classes));
      }
      pixels = pixels.subspan(images * kImagePixels);
      probabilities = probabilities.subspan(images * classes);
      remaining -= images;
    }
    workspaces_.Give(std::move(workspace));
  }

 private:
  const Plan plan_;
  mutable WorkspacePool workspaces_{plan_};
};

}  // namespace

absl::StatusOr<std::unique_ptr<Classifier>> MakeOnednnClassifier(const Network& network,
                                                                 Precision /*precision*/) {
  if (absl::Status status = CheckNetwork(network); !status.ok()) return status;
  const SingleThreadedScope single_threaded;  // primitives keep the number of threads
  try {
    return std::make_unique<OnednnClassifier>(network);
  } catch (const dnnl::error& e) {
    return absl::InternalError(
        fmt::format("oneDNN cannot run the network {}: {}", Architecture(network), e.what()));
  }
}

}  // namespace digits
