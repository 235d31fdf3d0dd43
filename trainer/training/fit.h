// Fits a network to a data set.
#ifndef DIGITS_TRAINER_TRAINING_FIT_H_
#define DIGITS_TRAINER_TRAINING_FIT_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/model/network.h"
#include "trainer/data/read.h"
#include "trainer/training/batch_source.h"
#include "trainer/training/fit_options.h"
#include "trainer/training/history.h"

namespace digits {

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
  // The fit goes on from the end of epoch `epoch`, which a checkpoint holds.
  virtual void OnResume(int /*epoch*/) {}
  // A checkpoint could not be written; the file is the one before, and the fit goes on.
  virtual void OnCheckpointFailed(const absl::Status& /*status*/) {}
};

// How the images that are trained differ from the data set's.
struct FitImages {
  // Is asked for one transform for each thread that prepares images; none: the images as they are.
  std::function<ImageTransform()> make_transform;
  // The same for what is done to them, and to outliers, after the soft targets, which are those of
  // clean images.
  std::function<ImageTransform()> make_soiling;
  // What answers to them should be, besides their labels; or none.
  TargetFunction soft_targets;
  OutlierFunction draw_outlier;  // none where FitOptions asks for no outliers
  double temperature = 1;        // of the soft targets, see LossOptions
  double hard_share = 0;         // the same
  int threads = 1;  // that prepare images ahead of the steps; 0: only the one that trains
  // All of this in words, for the identity of checkpoints.
  std::map<std::string, std::string> identity;

  // Whether they differ at all.
  bool made() const { return make_transform || make_soiling || soft_targets || draw_outlier; }
};

// Where a fit saves what it needs to go on after it was interrupted.
struct Checkpoints {
  std::string path;     // "": nowhere
  int every = 1;        // epochs, and on to the end of an echo; the last one is saved always
  bool resume = false;  // from `path`, or from the start where there is no such file yet
};

struct FitResult {
  Network network;  // without provenance
  std::vector<EpochRecord> history;
  double epochs = 0;  // of training that the weights have had; a fraction where one was cut short
  std::optional<Measures> validation;  // of these weights on the kept-out images
  bool stopped = false;                // by `stop`
  bool out_of_patience = false;
};

// Trains mini-batches in an order that is shuffled for each epoch, the last and smaller one too,
// until the epochs are done, the patience is at its end or `stop` is true after a batch. The
// weights are the last ones, or their average where one is kept, but with a validation split those
// of the whole epoch that has the least loss on it, or with keep_last of the last whole one.
// Without a split the validation figures are those of the data's test part, if any: to be shown,
// they choose nothing.
//
// The same data, options and processor give the same weights, bit for bit, whether the fit was
// interrupted and resumed or not. Sets the number of OpenMP's threads. FailedPrecondition where a
// loss, of validation too, or a weight stops being a number; the checkpoint is then still the last
// good one; and where the checkpoint is of another fit.
absl::StatusOr<FitResult> Fit(const TrainingData& data, const FitOptions& options,
                              const std::atomic<bool>& stop, FitObserver& observer,
                              const FitImages& images = {}, const Checkpoints& checkpoints = {});

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_FIT_H_
