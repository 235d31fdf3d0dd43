// What a fit is asked to do.
#ifndef DIGITS_TRAINER_TRAINING_FIT_OPTIONS_H_
#define DIGITS_TRAINER_TRAINING_FIT_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/model/network.h"
#include "trainer/training/loss.h"
#include "trainer/training/optimizer.h"
#include "trainer/training/schedule.h"

namespace digits {

// The defaults are the article's recipe.
struct FitOptions {
  std::vector<int> hidden = {16, 16};  // widths of the hidden layers; none: softmax regression
  Activation activation = Activation::kRelu;  // of the hidden layers
  Loss loss = Loss::kCrossEntropy;
  double label_smoothing = 0;
  double dropout = 0;  // the share of the hidden outputs that a step leaves out
  // Images of no class for each image that is trained, new ones in every epoch or echo. Of these
  // all classes should be equally probable (Hendrycks et al., "Deep anomaly detection with outlier
  // exposure", 2019).
  double outliers = 0;

  OptimizerKind optimizer = OptimizerKind::kSgd;
  double learning_rate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  double weight_decay = 0;
  ScheduleKind schedule = ScheduleKind::kConstant;
  double warmup = 0;  // epochs in which the learning rate rises
  double ema = 0;     // the decay of the average of the weights; 0: none is kept

  int batch = 32;
  int epochs = 5;
  // The epochs in a row that train the same distorted images and outliers, with the same soft
  // targets: making them can cost more than the steps (Choi et al., "Faster neural network training
  // with data echoing", 2019). They are kept meanwhile, each in less than a kilobyte.
  int echo = 1;
  // This part of the training images is kept out, to choose the best epoch by; 0: none.
  double validation_split = 0;
  // The last epoch is taken instead. Where the learning rate falls to 0, which of the late epochs
  // has the least loss on a few thousand images is chance, and an early one may be luckiest.
  bool keep_last = false;
  // The fit ends after so many epochs in a row that are no better than the best one; 0: never.
  int patience = 0;

  uint64_t seed = 1;
  std::optional<int> threads;  // of the arithmetic; none: as ComputingThreads() says
  std::vector<std::string> class_names = DecimalClassNames();
};

// InvalidArgument, in words for whoever wrote the options, where one makes no sense.
absl::Status CheckFitOptions(const FitOptions& options);

// The same for good options that `images` training images cannot be fitted with.
absl::Status CheckFitImages(const FitOptions& options, size_t images);

// How many of `images` a validation split keeps out.
size_t ValidationImages(const FitOptions& options, size_t images);

// How many outliers there are besides `images` images that are trained.
size_t Outliers(const FitOptions& options, size_t images);

// The numbers 0 to images - 1 in the order whose last ones are kept out for validation. It is the
// same for every seed: so fits with several can be compared, and answer as a committee, on images
// that none of them was trained with.
std::vector<uint32_t> SplitOrder(size_t images);

// The threads asked for, or else the processor's where the network is so wide that they help.
int ComputingThreads(const FitOptions& options);

// What flags, recipes and checkpoints call things: "cross-entropy" or "mse"; "sgd" or "adamw";
// "constant" or "cosine".
std::string_view LossName(Loss loss);
std::string_view OptimizerName(OptimizerKind optimizer);
std::string_view ScheduleName(ScheduleKind schedule);

// An option in words.
struct OptionText {
  std::string name;   // its flag without the dashes
  std::string value;  // "" for a flag that has none
};

// Every option, in one order; those that the article's recipe can do without only where they are
// not as in it.
std::vector<OptionText> Describe(const FitOptions& options);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_FIT_OPTIONS_H_
