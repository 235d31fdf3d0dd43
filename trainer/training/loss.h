// What training makes small.
#ifndef DIGITS_TRAINER_TRAINING_LOSS_H_
#define DIGITS_TRAINER_TRAINING_LOSS_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace digits {

// With p = softmax(logits) of an image and y the one-hot row of its label, both over C classes:
enum class Loss {
  kCrossEntropy,      // -log p[label]
  kMeanSquaredError,  // sum over classes of (p - y)^2 / C, as Keras' MeanSquaredError
};

// Sums over images.
struct Score {
  double loss = 0;
  size_t correct = 0;
  size_t images = 0;

  double mean_loss() const { return loss / static_cast<double>(images); }
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(images); }
  void Add(const Score& other) {
    loss += other.loss;
    correct += other.correct;
    images += other.images;
  }
};

// classes: 1 to kMaxClasses. labels: at least one, each less than `classes`.
// logits: a row of `classes` for each label, RoundUpToLanes(classes) floats apart. With a gradient
// (the same shape), sets it to that of the batch's mean loss by the logits, its padding to zero.
// An image counts as correct where the label's logit is the first greatest.
Score ScoreLogits(Loss loss, const float* logits, size_t classes, std::span<const uint8_t> labels,
                  float* gradient);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_LOSS_H_
