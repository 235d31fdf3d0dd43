// What a fit did, epoch by epoch.
#ifndef DIGITS_TRAINER_TRAINING_HISTORY_H_
#define DIGITS_TRAINER_TRAINING_HISTORY_H_

#include <optional>
#include <span>
#include <string>

namespace digits {

struct Measures {
  double loss = 0;      // mean over images
  double accuracy = 0;  // 0 to 1
};

struct EpochRecord {
  int epoch = 1;
  double seconds = 0;  // of training alone, without validation
  // Of the training images, each as its batch was trained: the weights change meanwhile.
  Measures train;
  std::optional<Measures> validation;  // with the weights at the epoch's end
};

// A header and a row an epoch: epoch,seconds,loss,accuracy,val_loss,val_accuracy.
std::string HistoryCsv(std::span<const EpochRecord> history);

// The same columns as Keras' History.history has them: {"loss": [0.95, ...], ...}.
std::string HistoryJson(std::span<const EpochRecord> history);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_HISTORY_H_
