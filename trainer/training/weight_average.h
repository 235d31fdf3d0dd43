// An average of the weights over the steps, which often reads better than the last ones.
#ifndef DIGITS_TRAINER_TRAINING_WEIGHT_AVERAGE_H_
#define DIGITS_TRAINER_TRAINING_WEIGHT_AVERAGE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "trainer/training/buffer.h"
#include "trainer/training/optimizer.h"

namespace digits {

// average = d average + (1 - d) weights after each step t = 1, 2, ..., where d is the decay but at
// first less, min(decay, (1 + t) / (10 + t)), so that the initial weights are soon forgotten.
class WeightAverage {
 public:
  // 0 < decay < 1. The groups' memory must outlive it.
  WeightAverage(std::span<const ParameterGroup> groups, double decay);

  // Takes in the weights as they are after step `step`, from 1.
  void Update(uint64_t step);

  // Exchanges the average with the weights; a second call undoes it.
  void Swap();

  // A buffer for each group, to be saved and restored.
  std::vector<FloatBuffer>& averages() { return averages_; }

 private:
  const std::vector<ParameterGroup> groups_;
  const double decay_;
  std::vector<FloatBuffer> averages_;
};

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_WEIGHT_AVERAGE_H_
