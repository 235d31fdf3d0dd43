// A multilayer perceptron as data: what training makes, a weights file holds and an engine runs.
#ifndef DIGITS_SERVER_MODEL_NETWORK_H_
#define DIGITS_SERVER_MODEL_NETWORK_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace digits {

// Applied to what a layer's weights and bias give. The last layer of a classifier has kSoftmax, the
// others never.
enum class Activation { kRelu, kSigmoid, kTanh, kSoftmax };

// "relu", "sigmoid", "tanh" or "softmax".
std::string_view ActivationName(Activation activation);

// activation(weights x + bias)
struct DenseLayer {
  int inputs = 0;
  int outputs = 0;
  std::vector<float> weights;  // outputs x inputs, row-major, as in PyTorch's Linear
  std::vector<float> bias;     // outputs
  Activation activation = Activation::kRelu;
};

// Maps one image, 784 pixels u8, to the probabilities of its classes.
struct Network {
  std::vector<DenseLayer> layers;  // at least one; layers[i].outputs == layers[i + 1].inputs

  // What the first layer sees of a pixel: pixel x input_scale + input_offset.
  float input_scale = 1.0f / 255;
  float input_offset = 0;

  // The logits are divided by it before the softmax, so that the probabilities are as often right
  // as they say (Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2).
  // Positive.
  float temperature = 1;

  // What int8 arithmetic needs: input_ranges[i] is the largest absolute value that layer i + 1 is
  // to expect of its inputs; what is larger is cut to it. Positive. None where nobody has measured
  // it.
  std::vector<float> input_ranges;

  // Images whose digit score (engine/softmax.h) is below it are no digits. Only where it is known.
  std::optional<float> digit_threshold;

  std::vector<std::string> class_names;  // layers.back().outputs of them

  // Where the weights came from, for people: data, data_sha256, recipe, seed, epochs,
  // validation_accuracy, test_accuracy, trainer, ... Every entry is optional.
  std::map<std::string, std::string> provenance;
};

inline constexpr size_t kMaxLayers = 64;
inline constexpr int kMaxLayerOutputs = 65'536;
inline constexpr int kMinClasses = 2;
inline constexpr int kMaxClasses = 256;

// InvalidArgument, naming the layer, unless all that is said above holds, every value is finite,
// the input scale is not 0, there are input ranges for no layer or for all but the first, the class
// names are distinct and pass CheckName(), and no limit is passed.
absl::Status CheckNetwork(const Network& network);

// Whether int8 arithmetic has the ranges that it needs. One layer alone needs none.
bool HasInputRanges(const Network& network);

// "0" to "9".
std::vector<std::string> DecimalClassNames();

// The widths of the layers, such as "784-16-16-10".
std::string Architecture(const Network& network);

}  // namespace digits

#endif  // DIGITS_SERVER_MODEL_NETWORK_H_
