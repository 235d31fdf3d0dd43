// What a classifier readings to each image of a labelled data set.
#ifndef DIGITS_TRAINER_REPORT_READINGS_H_
#define DIGITS_TRAINER_REPORT_READINGS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace digits {

struct Reading {
  uint8_t truth = 0;           // a class
  uint8_t label = 0;           // the class that was read: the first of the greatest probability
  float confidence = 0;        // the probability of `label`
  float truth_confidence = 0;  // the probability of `truth`

  bool right() const { return label == truth; }
};

// One for each image, in order. probabilities: n x classes, row-major. labels: n, below the number
// of classes.
std::vector<Reading> ReadingsOf(std::span<const float> probabilities,
                                std::span<const uint8_t> labels);

// The indices of the wrong readings, the most confident first and in the order of the images where
// two are alike; at most `count`.
std::vector<size_t> WorstMistakes(const std::vector<Reading>& readings, size_t count);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_READINGS_H_
