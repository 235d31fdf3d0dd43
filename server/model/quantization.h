// Weights in 8 bits.
#ifndef DIGITS_SERVER_MODEL_QUANTIZATION_H_
#define DIGITS_SERVER_MODEL_QUANTIZATION_H_

#include <cstdint>
#include <vector>

#include "server/model/network.h"

namespace digits {

// A layer's weights: values[o, i] x scales[o].
struct QuantizedWeights {
  std::vector<int8_t> values;  // outputs x inputs, row-major, -127 to 127
  std::vector<float> scales;   // outputs, positive
};

// Symmetric, by output: the largest weight of a row becomes 127 or -127, the others round to
// nearest, ties to even. A scale is that weight / 127, cut to 17 significant bits, so that its
// product with every value is exact: what Dequantize() gives is quantized to the same values and
// scales again. No scale is below 2^-64, so that rows of zeros have one too.
// The layer's weights are finite.
QuantizedWeights Quantize(const DenseLayer& layer);

// outputs x inputs.
std::vector<float> Dequantize(const QuantizedWeights& weights);

}  // namespace digits

#endif  // DIGITS_SERVER_MODEL_QUANTIZATION_H_
