// What training makes small.
#ifndef DIGITS_TRAINER_TRAINING_LOSS_H_
#define DIGITS_TRAINER_TRAINING_LOSS_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace digits {

// With p = softmax(logits) of an image and y the one-hot row of its label, both over C classes:
enum class Loss {
  kCrossEntropy,      // -log p[label]; of any row y: -sum over classes of y log p
  kMeanSquaredError,  // sum over classes of (p - y)^2 / C, as Keras' MeanSquaredError
};

struct LossOptions {
  Loss loss = Loss::kCrossEntropy;
  // With s, the row y of a label is (1 - s) one-hot + s / C (Szegedy et al., "Rethinking the
  // Inception architecture", 2016, section 7).
  float label_smoothing = 0;
  // With soft targets: p = softmax(logits / T), and the loss is T^2 times as large, so that its
  // gradients keep their size (Hinton et al., "Distilling the knowledge in a neural network", 2015,
  // section 2). Without them it is not used.
  float temperature = 1;
  // The share that the label's row has in y where there are soft targets; they have the rest.
  float hard_share = 0;
};

// What a batch's answers should be.
struct Targets {
  std::span<const uint8_t> labels;  // one an image, less than the number of classes
  const float* soft = nullptr;      // images x classes, row-major, each row adds up to 1; or null
  // Not 0 for an image of no class: its row y is 1 / C throughout, whatever its label. Or null.
  const uint8_t* outliers = nullptr;
};

// Sums over images. Outliers count in their own one alone.
struct Score {
  double loss = 0;
  double outlier_loss = 0;
  size_t correct = 0;
  size_t images = 0;

  // 0 of no image: the first ones of an epoch may all be outliers.
  double mean_loss() const { return images == 0 ? 0 : loss / static_cast<double>(images); }
  double accuracy() const {
    return images == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(images);
  }
  void Add(const Score& other) {
    loss += other.loss;
    outlier_loss += other.outlier_loss;
    correct += other.correct;
    images += other.images;
  }
};

// classes: 1 to kMaxClasses. At least one label.
// logits: a row of `classes` for each label, RoundUpToLanes(classes) floats apart. With a gradient
// (the same shape), sets it to that of the batch's mean loss by the logits, its padding to zero.
// An image counts as correct where the label's logit is the first greatest.
Score ScoreLogits(const LossOptions& options, const float* logits, size_t classes,
                  const Targets& targets, float* gradient);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_LOSS_H_
