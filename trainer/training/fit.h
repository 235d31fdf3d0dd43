// Fits a network to a data set.
#ifndef DIGITS_TRAINER_TRAINING_FIT_H_
#define DIGITS_TRAINER_TRAINING_FIT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/model/network.h"
#include "trainer/data/read.h"
#include "trainer/training/history.h"
#include "trainer/training/loss.h"

namespace digits {

// The defaults are the article's recipe.
struct FitOptions {
  std::vector<int> hidden = {16, 16};  // widths of the hidden layers; none: softmax regression
  Activation activation = Activation::kRelu;  // of the hidden layers
  Loss loss = Loss::kCrossEntropy;
  double learning_rate = 0.01;
  double momentum = 0;
  int batch = 32;
  int epochs = 5;
  // This part of the training images is kept out, to choose the best epoch by; 0: none.
  double validation_split = 0;
  uint64_t seed = 1;
  int threads = 1;  // of oneDNN's layers
  std::vector<std::string> class_names = DecimalClassNames();
};

// InvalidArgument, in words for whoever wrote the options, where one makes no sense.
absl::Status CheckFitOptions(const FitOptions& options);

// The same for good options that `images` training images cannot be fitted with.
absl::Status CheckFitImages(const FitOptions& options, size_t images);

// How many of `images` a validation split keeps out.
size_t ValidationImages(const FitOptions& options, size_t images);

// A moment within an epoch.
struct BatchProgress {
  int epoch = 1;
  size_t batch = 1;    // the one that has just been trained
  size_t batches = 1;  // of an epoch
  double seconds = 0;  // since the epoch began
  Measures train;      // of the epoch so far
};

// Is told how a fit goes, on the thread that fits.
class FitObserver {
 public:
  virtual ~FitObserver() = default;
  virtual void OnEpochBegin(int /*epoch*/) {}
  virtual void OnBatch(const BatchProgress& /*progress*/) {}
  virtual void OnEpochEnd(const EpochRecord& /*record*/, size_t /*batches*/) {}
};

struct FitResult {
  Network network;  // without provenance
  std::vector<EpochRecord> history;
  double epochs = 0;  // of training that the weights have had; a fraction where one was cut short
  std::optional<Measures> validation;  // of these weights on the kept-out images
  bool stopped = false;
};

// Trains mini-batches in an order that is shuffled for each epoch, the last and smaller one too,
// until the epochs are done or `stop` is true after a batch. The weights are the last ones, but
// with a validation split those of the whole epoch with the least validation loss. Without one the
// validation figures are those of the data's test part, if any: to be shown, they decide nothing.
//
// The same data, options and processor give the same weights, bit for bit. Sets the number of
// OpenMP's threads. FailedPrecondition where the loss stops being a number.
absl::StatusOr<FitResult> Fit(const TrainingData& data, const FitOptions& options,
                              const std::atomic<bool>& stop, FitObserver& observer);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_FIT_H_
