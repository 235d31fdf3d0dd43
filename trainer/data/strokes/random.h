// Random numbers that are the same everywhere.
#ifndef DIGITS_TRAINER_DATA_STROKES_RANDOM_H_
#define DIGITS_TRAINER_DATA_STROKES_RANDOM_H_

#include <cstdint>
#include <random>

namespace digits {

// The engine is specified by the standard, its distributions are not: these are ours. A seed gives
// the same numbers on every machine.
class StrokeRandom {
 public:
  explicit StrokeRandom(uint64_t seed) : engine_(seed) {}

  // In [0, 1).
  double Unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

  // In [low, high).
  double Uniform(double low, double high) { return low + (high - low) * Unit(); }

  // Bell-shaped, never more than 3.5 deviations off: a sum of uniform numbers (Irwin-Hall), which
  // unlike Box and Muller's method needs nothing of the machine's mathematics library.
  double Normal(double mean, double deviation) {
    double sum = 0;
    for (int i = 0; i < 4; ++i) sum += Unit() - 0.5;
    return mean + deviation * sum * 1.7320508075688772;  // sqrt(12 / 4)
  }

  // In [0, n), n > 0. Its bias is n / 2^64.
  uint64_t Below(uint64_t n) { return engine_() % n; }

  // A whole number from low to high, both included; low <= high.
  int Between(int low, int high) {
    return low + static_cast<int>(Below(static_cast<uint64_t>(high - low + 1)));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_STROKES_RANDOM_H_
