// Keeps an epoch's images for the epochs after it.
#ifndef DIGITS_TRAINER_TRAINING_ECHO_MEMORY_H_
#define DIGITS_TRAINER_TRAINING_ECHO_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace digits {

// Images after all that is done to them, as the network takes them; a row each.
struct PreparedImages {
  std::vector<uint8_t> pixels;  // n x 784
  std::vector<uint8_t> labels;
  std::vector<float> soft_targets;  // n x classes, or none
  std::vector<uint8_t> outliers;    // 1 for an image of no class, or none

  // classes: of the soft targets; 0 where there are none.
  void Resize(size_t images, size_t classes, bool with_outliers);

  size_t classes() const { return soft_targets.size() / labels.size(); }
};

// Images by their numbers, with the epoch in which each was made. Several threads may use it at
// once, as long as no two of them use the same numbers.
class EchoMemory {
 public:
  // Of the numbers 0 to images - 1.
  EchoMemory(size_t images, size_t classes, bool with_outliers);

  size_t images() const { return made_.size(); }

  // Copies the images `numbers` into rows `first` and the following, if all of them were made in
  // epoch `epoch`.
  bool Recall(uint64_t epoch, std::span<const uint32_t> numbers, size_t first,
              PreparedImages& to) const;

  // Keeps the rows `first` and the following as the images `numbers`, made in epoch `epoch`.
  void Keep(uint64_t epoch, std::span<const uint32_t> numbers, size_t first,
            const PreparedImages& from);

 private:
  PreparedImages images_;
  std::vector<uint64_t> made_;  // the epochs; 0: never
};

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_ECHO_MEMORY_H_
