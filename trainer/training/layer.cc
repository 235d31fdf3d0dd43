#include "trainer/training/layer.h"

namespace digits {
namespace {

// Measured by tests/bench/layer_benchmark on one thread with AVX-512, oneDNN 2.6, microseconds for
// a step (forward and backward) of a batch of 32, loops | oneDNN:
//
//   images 784 ->  16:  23 |  46    64: 78 | 122    128:  67 | 256    256: 374 | 564
//   16 -> 16: 3.3 | 10.8    16 -> 64: 11 | 11    64 -> 16: 8 | 12    64 -> 64: 36 | 34
//   512 -> 16:  38 |  51    512 -> 32: 143 | 117    512 -> 64: 410 | 258
//
// On images the loops gain by skipping zeros, four fifths of MNIST but fewer of other data, and
// the library by its threads, hence the limit. Between layers the loops gain by what a call costs
// (10 microseconds for the three), and, with one register of outputs, at any number of inputs.
constexpr size_t kWidestOnImages = 128;
constexpr size_t kMostWeights = 1024;

}  // namespace

bool LoopsAreFaster(const LayerShape& shape) {
  switch (shape.input) {
    case InputForm::kSparse:
      return shape.outputs <= kWidestOnImages;
    case InputForm::kPixels:
      return false;
    case InputForm::kDense:
      return shape.outputs <= kLanes || shape.inputs * shape.outputs <= kMostWeights;
  }
  return false;
}

absl::StatusOr<std::unique_ptr<Layer>> MakeLayer(const LayerShape& shape) {
  if (LoopsAreFaster(shape)) return MakeNarrowLayer(shape);
  return MakeOnednnLayer(shape);
}

}  // namespace digits
