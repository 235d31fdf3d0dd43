// Microseconds an image that augmentation takes on one core.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "trainer/augment/augmenter.h"
#include "trainer/data/strokes.h"

namespace digits {
namespace {

AugmentOptions Affine() {
  AugmentOptions options;
  options.rotation = 15;
  options.scale = 0.15;
  options.shear = 0.1;
  options.shift = 1.5;
  return options;
}

AugmentOptions Elastic() {
  AugmentOptions options = Affine();
  options.elastic_alpha = 36;
  return options;
}

AugmentOptions Everything() {
  AugmentOptions options = Elastic();
  options.thickness = 0.3;
  options.noise = 20;
  return options;
}

void RunAugment(benchmark::State& state, const AugmentOptions& options,
                const AugmentKernels& kernels) {
  const DataSet data = DrawStrokes(1000, 1);
  const Augmenter augmenter(options, kernels);
  Image out;
  uint64_t index = 0;
  for (auto _ : state) {
    augmenter.Augment({1, 1, index}, data.image(index % data.size()), out);
    benchmark::DoNotOptimize(out);
    ++index;
  }
}

void RegisterAll() {
  for (const AugmentKernels& kernels : KernelsOfThisProcessor()) {
    const auto add = [&kernels](const std::string& name, const AugmentOptions& options) {
      benchmark::RegisterBenchmark(
          (name + "/" + std::string(kernels.name)).c_str(),
          [options, &kernels](benchmark::State& state) { RunAugment(state, options, kernels); })
          ->Unit(benchmark::kMicrosecond);
    };
    add("affine", Affine());
    add("affine_and_elastic", Elastic());
    add("everything", Everything());
  }
}

}  // namespace
}  // namespace digits

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  digits::RegisterAll();
  benchmark::RunSpecifiedBenchmarks();
}
