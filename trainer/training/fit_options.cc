#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "server/image/image.h"
#include "server/model/safetensors.h"
#include "server/model/weights_file.h"
#include "trainer/training/fit.h"

namespace digits {
namespace {

constexpr int kMaxEpochs = 1'000'000;
constexpr int kMaxThreads = 1024;
constexpr double kMaxGibibytes = 16;

template <typename... Args>
absl::Status Refuse(fmt::format_string<Args...> format, Args&&... args) {
  return absl::InvalidArgumentError(fmt::format(format, std::forward<Args>(args)...));
}

// A weights file that ReadWeights() takes holds no more.
constexpr double kMaxParameters =
    (kMaxWeightsFileBytes - kMaxSafetensorsHeaderBytes) / sizeof(float);

double Parameters(const FitOptions& options) {
  double parameters = 0;
  double inputs = kImagePixels;
  const auto add_layer = [&](double outputs) {
    parameters += (inputs + 1) * outputs;
    inputs = outputs;
  };
  for (const int width : options.hidden) add_layer(width);
  add_layer(static_cast<double>(options.class_names.size()));
  return parameters;
}

// Weights with their gradients, velocities and one copy; outputs of a batch with their gradients.
double Gibibytes(const FitOptions& options) {
  double floats = 0;
  double inputs = kImagePixels;
  const auto add_layer = [&](double outputs) {
    floats += 4 * inputs * outputs + 2 * outputs * options.batch;
    inputs = outputs;
  };
  for (const int width : options.hidden) add_layer(width);
  add_layer(static_cast<double>(options.class_names.size()));
  return floats * sizeof(float) / (1 << 30);
}

absl::Status CheckShape(const FitOptions& options) {
  if (options.hidden.size() >= kMaxLayers) {
    return Refuse("there are {} hidden layers; at most {} are allowed", options.hidden.size(),
                  kMaxLayers - 1);
  }
  for (const int width : options.hidden) {
    if (width < 1 || width > kMaxLayerOutputs) {
      return Refuse("a hidden layer is {} wide; widths are 1 to {}", width, kMaxLayerOutputs);
    }
  }
  if (options.class_names.size() > kMaxClasses) {
    return Refuse("there are {} classes; {} to {} are allowed", options.class_names.size(),
                  kMinClasses, kMaxClasses);
  }
  // What holds for the class names of any network is checked on the smallest one that has them.
  Network network;
  DenseLayer layer;
  layer.inputs = kImagePixels;
  layer.outputs = static_cast<int>(options.class_names.size());
  layer.weights.resize(kImagePixels * options.class_names.size());
  layer.bias.resize(options.class_names.size());
  layer.activation = Activation::kSoftmax;
  network.layers.push_back(std::move(layer));
  network.class_names = options.class_names;
  return CheckNetwork(network);
}

}  // namespace

size_t ValidationImages(const FitOptions& options, size_t images) {
  return static_cast<size_t>(std::llround(options.validation_split * static_cast<double>(images)));
}

absl::Status CheckFitOptions(const FitOptions& options) {
  if (absl::Status status = CheckShape(options); !status.ok()) return status;
  if (options.epochs < 1 || options.epochs > kMaxEpochs) {
    return Refuse("{} epochs cannot be trained; 1 to {} can", options.epochs, kMaxEpochs);
  }
  if (!(options.learning_rate >= std::numeric_limits<float>::min() &&
        options.learning_rate <= std::numeric_limits<float>::max())) {
    return Refuse("the learning rate is {}; it must be greater than 0 and within a float's range",
                  options.learning_rate);
  }
  if (!(options.momentum >= 0 && options.momentum < 1 &&
        static_cast<float>(options.momentum) < 1)) {
    return Refuse("the momentum is {}; it must be at least 0 and, as a float, less than 1",
                  options.momentum);
  }
  if (!(options.validation_split >= 0 && options.validation_split < 1)) {
    return Refuse("the validation split is {}; it must be at least 0 and less than 1",
                  options.validation_split);
  }
  if (options.threads < 1 || options.threads > kMaxThreads) {
    return Refuse("{} threads cannot be used; 1 to {} can", options.threads, kMaxThreads);
  }
  if (options.batch < 1)
    return Refuse("a batch has {} images; at least 1 is needed", options.batch);
  if (const double needed = Gibibytes(options); needed > kMaxGibibytes) {
    return Refuse("layers and batches of this size take {:.0f} GiB; at most {} are allowed", needed,
                  kMaxGibibytes);
  }
  if (const double parameters = Parameters(options); parameters > kMaxParameters) {
    return Refuse(
        "layers of these widths have {:.0f} weights and biases; at most {:.0f} fit into a weights "
        "file",
        parameters, kMaxParameters);
  }
  return absl::OkStatus();
}

absl::Status CheckFitImages(const FitOptions& options, size_t images) {
  const size_t validation = ValidationImages(options, images);
  if (options.validation_split > 0 && (validation == 0 || validation == images)) {
    return Refuse("a validation split of {} leaves {} of {} images to train and {} to validate",
                  options.validation_split, images - validation, images, validation);
  }
  if (static_cast<size_t>(options.batch) > images - validation) {
    return Refuse("a batch has {} images, more than the {} there are to train", options.batch,
                  images - validation);
  }
  return absl::OkStatus();
}

}  // namespace digits
