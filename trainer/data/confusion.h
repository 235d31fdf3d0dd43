// Which classes are taken for which.
#ifndef DIGITS_TRAINER_DATA_CONFUSION_H_
#define DIGITS_TRAINER_DATA_CONFUSION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace digits {

// Counts answers by the true class and the answered one.
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(size_t classes) : classes_(classes), counts_(classes * classes) {}

  // Both below `classes`.
  void Add(size_t truth, size_t answer);

  int64_t count(size_t truth, size_t answer) const { return counts_[truth * classes_ + answer]; }
  int64_t total() const { return total_; }
  int64_t correct() const { return correct_; }
  // From 0 to 1; 0 where nothing was added.
  double accuracy() const;

  // For people, ending in a line break: a row a true class, a column an answered one, a dot for
  // none, and in the last column the share of the row that is right. `class_names` has one a class.
  std::string ToTable(std::span<const std::string> class_names) const;

 private:
  size_t classes_;
  std::vector<int64_t> counts_;  // truth x answer, row-major
  int64_t total_ = 0;
  int64_t correct_ = 0;
};

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_CONFUSION_H_
