// A training step of one layer, forward and backward: loops of our own against oneDNN, at several
// widths. MakeLayer chooses between them by what this shows.
#include <benchmark/benchmark.h>
#include <omp.h>

#include <array>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "trainer/training/layer.h"
#include "trainer/training/random.h"

namespace digits {
namespace {

using MakeFunction = absl::StatusOr<std::unique_ptr<Layer>> (*)(const LayerShape&);

absl::StatusOr<std::unique_ptr<Layer>> Narrow(const LayerShape& shape) {
  return MakeNarrowLayer(shape);
}

// Images as sparse as MNIST's.
class Images {
 public:
  explicit Images(size_t count) {
    Random random(1, RandomStream::kShuffle);
    for (size_t i = 0; i < count; ++i) {
      std::vector<SparsePixel>& pixels = pixels_.emplace_back();
      for (uint16_t column = 0; column < 784; ++column) {
        if (random.Below(784) < 150) pixels.push_back({column, 200});
      }
    }
    for (const std::vector<SparsePixel>& pixels : pixels_) rows_.emplace_back(pixels);
    for (size_t level = 0; level < values_.size(); ++level) {
      values_[level] = static_cast<float>(level) / 255;
    }
  }

  SparseRows rows() const { return {rows_, values_.data()}; }

 private:
  std::vector<std::vector<SparsePixel>> pixels_;
  std::vector<SparseRow> rows_;
  std::array<float, 256> values_;
};

void RunStep(benchmark::State& state, MakeFunction make, bool sparse) {
  LayerShape shape;
  shape.max_rows = static_cast<size_t>(state.range(0));
  shape.inputs = static_cast<size_t>(state.range(1));
  shape.outputs = static_cast<size_t>(state.range(2));
  shape.input = sparse ? InputForm::kSparse : InputForm::kDense;
  omp_set_num_threads(1);
  const std::unique_ptr<Layer> layer = *make(shape);

  const Images images(shape.max_rows);
  const size_t input_width = RoundUpToLanes(shape.inputs);
  const FloatBuffer dense(shape.max_rows * input_width, 0.5f);
  FloatBuffer input_gradient(dense.size());
  FloatBuffer output(shape.max_rows * RoundUpToLanes(shape.outputs));
  FloatBuffer output_gradient(output.size());
  LayerInput input = DenseRows{dense.data(), input_width};
  if (sparse) input = images.rows();
  for (auto _ : state) {
    layer->Forward(input, shape.max_rows, output.data());
    layer->Backward(input, shape.max_rows, output.data(), output_gradient.data(),
                    sparse ? nullptr : input_gradient.data());
    benchmark::ClobberMemory();
  }
}

void FirstLayers(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"batch", "inputs", "outputs"})->Unit(benchmark::kMicrosecond);
  for (const int64_t batch : {32, 256}) {
    for (const int64_t outputs : {16, 32, 64, 128, 256, 512}) {
      benchmark->Args({batch, 784, outputs});
    }
  }
}

void LaterLayers(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"batch", "inputs", "outputs"})->Unit(benchmark::kMicrosecond);
  for (const int64_t batch : {32, 256}) {
    for (const int64_t inputs : {16, 64, 512}) {
      for (const int64_t outputs : {16, 32, 64, 128}) benchmark->Args({batch, inputs, outputs});
    }
  }
}

BENCHMARK_CAPTURE(RunStep, first_loops, Narrow, true)->Apply(FirstLayers);
BENCHMARK_CAPTURE(RunStep, first_oneDNN, MakeOnednnLayer, true)->Apply(FirstLayers);
BENCHMARK_CAPTURE(RunStep, later_loops, Narrow, false)->Apply(LaterLayers);
BENCHMARK_CAPTURE(RunStep, later_oneDNN, MakeOnednnLayer, false)->Apply(LaterLayers);

}  // namespace
}  // namespace digits

BENCHMARK_MAIN();
