// Shows how a fit goes, in Keras' words.
#ifndef DIGITS_TRAINER_PROGRESS_H_
#define DIGITS_TRAINER_PROGRESS_H_

#include <chrono>
#include <cstdio>

#include "trainer/training/fit.h"

namespace digits {

// A line an epoch:
//   Epoch 1/5
//   1875/1875 - 0s 15us/step - loss: 0.9523 - accuracy: 0.7001 - val_loss: 0.4412 - val_accuracy: …
// On a terminal a bar grows where that line will be.
class Progress : public FitObserver {
 public:
  // `file` must outlive it. What cannot be written to it is dropped.
  Progress(std::FILE* file, bool terminal, int epochs)
      : file_(file), terminal_(terminal), epochs_(epochs) {}

  void OnEpochBegin(int epoch) override;
  void OnBatch(const BatchProgress& progress) override;
  void OnEpochEnd(const EpochRecord& record, size_t batches) override;
  void OnResume(int epoch) override;
  void OnCheckpointFailed(const absl::Status& status) override;

 private:
  std::FILE* const file_;
  const bool terminal_;
  const int epochs_;
  std::chrono::steady_clock::time_point drawn_;
};

}  // namespace digits

#endif  // DIGITS_TRAINER_PROGRESS_H_
