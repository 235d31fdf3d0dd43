#include "trainer/training/fit_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

#include "server/image/image.h"
#include "server/model/safetensors.h"
#include "server/model/weights_file.h"
#include "trainer/training/random.h"

namespace digits {
namespace {

constexpr int kMaxEpochs = 1'000'000;
constexpr int kMaxThreads = 1024;
constexpr double kMaxGibibytes = 16;
// From this width on a second thread helps; below, teams of them cost more than they save.
constexpr int kWide = 256;

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

// Weights with their gradients, two memories, average and one copy; outputs of a batch with their
// gradients.
double Gibibytes(const FitOptions& options) {
  double floats = 0;
  double inputs = kImagePixels;
  const auto add_layer = [&](double outputs) {
    floats += 6 * inputs * outputs + 2 * outputs * options.batch;
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

absl::Status CheckDescent(const FitOptions& options) {
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
  if (options.optimizer != OptimizerKind::kSgd && (options.momentum > 0 || options.nesterov)) {
    return Refuse("momentum is for sgd; {} has moments of its own",
                  OptimizerName(options.optimizer));
  }
  if (options.nesterov && options.momentum == 0) {
    return Refuse("Nesterov's momentum needs a momentum greater than 0");
  }
  if (!(options.weight_decay >= 0 && options.weight_decay < 1)) {
    return Refuse("the weight decay is {}; it must be at least 0 and less than 1",
                  options.weight_decay);
  }
  if (!(options.warmup >= 0 && options.warmup < options.epochs)) {
    return Refuse("the warm-up is {} epochs; it must be at least 0 and less than the {} of the fit",
                  options.warmup, options.epochs);
  }
  return absl::OkStatus();
}

absl::Status CheckShares(const FitOptions& options) {
  struct Share {
    std::string_view what;
    double value;
  };
  for (const Share& share :
       {Share{"the label smoothing", options.label_smoothing},
        Share{"the dropout", options.dropout}, Share{"the share of outliers", options.outliers},
        Share{"the decay of the averaged weights (ema)", options.ema},
        Share{"the validation split", options.validation_split}}) {
    if (!(share.value >= 0 && static_cast<float>(share.value) < 1)) {
      return Refuse("{} is {}; it must be at least 0 and, as a float, less than 1", share.what,
                    share.value);
    }
  }
  return absl::OkStatus();
}

}  // namespace

size_t ValidationImages(const FitOptions& options, size_t images) {
  return static_cast<size_t>(std::llround(options.validation_split * static_cast<double>(images)));
}

size_t Outliers(const FitOptions& options, size_t images) {
  return static_cast<size_t>(std::llround(options.outliers * static_cast<double>(images)));
}

std::vector<uint32_t> SplitOrder(size_t images) {
  std::vector<uint32_t> order(images);
  std::iota(order.begin(), order.end(), 0u);
  Random(1, RandomStream::kValidationSplit).Shuffle(order);
  return order;
}

int ComputingThreads(const FitOptions& options) {
  if (options.threads) return *options.threads;
  const bool wide = std::ranges::any_of(options.hidden, [](int width) { return width >= kWide; });
  return wide ? std::min(omp_get_num_procs(), kMaxThreads) : 1;
}

absl::Status CheckFitOptions(const FitOptions& options) {
  if (absl::Status status = CheckShape(options); !status.ok()) return status;
  if (options.epochs < 1 || options.epochs > kMaxEpochs) {
    return Refuse("{} epochs cannot be trained; 1 to {} can", options.epochs, kMaxEpochs);
  }
  if (options.echo < 1 || options.echo > kMaxEpochs) {
    return Refuse("{} epochs in a row cannot train the same images; 1 to {} can", options.echo,
                  kMaxEpochs);
  }
  if (absl::Status status = CheckDescent(options); !status.ok()) return status;
  if (absl::Status status = CheckShares(options); !status.ok()) return status;
  if (options.patience < 0) {
    return Refuse("the patience is {} epochs; it must be at least 0", options.patience);
  }
  if (options.patience > 0 && options.validation_split == 0) {
    return Refuse("patience needs a validation split, by which an epoch is better than another");
  }
  if (options.patience > 0 && options.keep_last) {
    return Refuse("patience is for the best epoch, and it is the last that is to be kept");
  }
  if (options.threads && (*options.threads < 1 || *options.threads > kMaxThreads)) {
    return Refuse("{} threads cannot be used; 1 to {} can", *options.threads, kMaxThreads);
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

std::string_view LossName(Loss loss) {
  return loss == Loss::kCrossEntropy ? "cross-entropy" : "mse";
}

std::string_view OptimizerName(OptimizerKind optimizer) {
  return optimizer == OptimizerKind::kSgd ? "sgd" : "adamw";
}

std::string_view ScheduleName(ScheduleKind schedule) {
  return schedule == ScheduleKind::kConstant ? "constant" : "cosine";
}

std::vector<OptionText> Describe(const FitOptions& options) {
  const FitOptions article;
  std::vector<OptionText> texts = {
      {"hidden", fmt::format("{}", fmt::join(options.hidden, ","))},
      {"activation", std::string(ActivationName(options.activation))},
      {"loss", std::string(LossName(options.loss))},
      {"learning-rate", fmt::format("{}", options.learning_rate)},
      {"momentum", fmt::format("{}", options.momentum)},
      {"batch", fmt::format("{}", options.batch)},
      {"epochs", fmt::format("{}", options.epochs)},
      {"validation-split", fmt::format("{}", options.validation_split)},
      {"seed", fmt::format("{}", options.seed)},
      {"threads", fmt::format("{}", ComputingThreads(options))},
      {"class-names", fmt::format("{}", fmt::join(options.class_names, ","))}};
  const auto add = [&texts](const char* name, auto value, auto usual) {
    if (value != usual) texts.push_back({name, fmt::format("{}", value)});
  };
  add("optimizer", OptimizerName(options.optimizer), OptimizerName(article.optimizer));
  if (options.nesterov) texts.push_back({"nesterov", ""});
  add("weight-decay", options.weight_decay, article.weight_decay);
  add("schedule", ScheduleName(options.schedule), ScheduleName(article.schedule));
  add("warmup", options.warmup, article.warmup);
  add("label-smoothing", options.label_smoothing, article.label_smoothing);
  add("dropout", options.dropout, article.dropout);
  add("outliers", options.outliers, article.outliers);
  add("ema", options.ema, article.ema);
  add("echo", options.echo, article.echo);
  add("patience", options.patience, article.patience);
  if (options.keep_last) texts.push_back({"keep-last", ""});
  return texts;
}

}  // namespace digits
