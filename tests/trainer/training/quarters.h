// Digits for fits that take no time: four classes that a small network learns at once.
#ifndef DIGITS_TESTS_TRAINER_TRAINING_QUARTERS_H_
#define DIGITS_TESTS_TRAINER_TRAINING_QUARTERS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "server/image/image.h"
#include "trainer/data/data_set.h"
#include "trainer/training/fit_options.h"

namespace digits {

inline const std::atomic<bool> kGoOn = false;

// Four classes, each a noisy block of ink in another quarter of the field.
inline DataSet Quarters(size_t count, uint64_t seed) {
  DataSet data;
  data.pixels.resize(count * kImagePixels);
  uint64_t state = seed;
  const auto next = [&state] {  // Knuth's MMIX
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint8_t>(state >> 56);
  };
  for (size_t i = 0; i < count; ++i) {
    const size_t label = next() % 4;
    data.labels.push_back(static_cast<uint8_t>(label));
    for (size_t y = 0; y < 14; ++y) {
      for (size_t x = 0; x < 14; ++x) {
        const size_t row = y + 14 * (label / 2);
        const size_t column = x + 14 * (label % 2);
        data.pixels[i * kImagePixels + row * kImageSide + column] = next() / 2;
      }
    }
  }
  return data;
}

// Of four classes; learns Quarters() in its few epochs.
inline FitOptions SmallFit() {
  FitOptions options;
  options.class_names = {"a", "b", "c", "d"};
  options.epochs = 4;
  options.learning_rate = 0.05;
  return options;
}

}  // namespace digits

#endif  // DIGITS_TESTS_TRAINER_TRAINING_QUARTERS_H_
