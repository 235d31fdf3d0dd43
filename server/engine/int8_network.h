// A network in 8-bit integers, as an engine is to compute it.
//
// Of a layer's weights, Quantize() makes integers q and a scale t for each output. The layer's
// inputs are bytes u, each of which stands for the number u s + z:
//   the pixels as they are: s and z are the network's input scale and offset;
//   after ReLU and the sigmoid: s = range / 255, z = 0;
//   after tanh: s = range / 127, z = -128 s;
// where range is the layer's of Network::input_ranges. With exact sums of integers in between,
//   sum[o] = t[o] s (q[o, i] u[i] summed over i) + (bias[o] + t[o] z (q[o, i] summed over i)).
// The last layer's sums are the logits. From another layer's, the next one's bytes are
// (activation(sum) - z) / s, with its own s and z, rounded to nearest, ties to even, and limited to
// 0 to 255.
#ifndef DIGITS_SERVER_ENGINE_INT8_NETWORK_H_
#define DIGITS_SERVER_ENGINE_INT8_NETWORK_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "server/model/network.h"

namespace digits {

// An activation of the sums, and how its values become bytes: value x scale + offset.
struct Int8Activation {
  Activation activation = Activation::kSigmoid;
  float scale = 1;
  float offset = 0;
};

// What comes out is scales[o] (q[o, i] u[i] summed over i) + bias[o], and then
//   of the last layer: as it is, a logit;
//   of a layer with an activation: as that says, a byte;
//   of another, whose ReLU the limit of 0 is and whose s stands in scales and bias: a byte.
struct Int8Layer {
  int inputs = 0;
  int outputs = 0;
  std::vector<int8_t> weights;  // outputs x inputs, row-major
  std::vector<float> scales;    // outputs
  std::vector<float> bias;      // outputs
  std::optional<Int8Activation> activation;
};

// `network` is as CheckNetwork() asks and has its input ranges. InvalidArgument, naming the layer,
// where its values are too far apart for scales and bias in float32, or its range is too small.
absl::StatusOr<std::vector<Int8Layer>> MakeInt8Network(const Network& network);

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_INT8_NETWORK_H_
