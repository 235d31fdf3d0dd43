// Random numbers that are drawn for one image without those of the images before it.
#ifndef DIGITS_TRAINER_DATA_SPLITMIX_H_
#define DIGITS_TRAINER_DATA_SPLITMIX_H_

#include <cstdint>

namespace digits {

// splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): the
// same numbers for a seed on every machine, at no cost to start. Integer arithmetic, and sums and
// products that IEEE 754 rounds in one way.
class SplitMix {
 public:
  static constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;

  // Leaves no likeness between neighbouring numbers.
  static constexpr uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // A seed for part `index` of what `seed` makes.
  static constexpr uint64_t PartSeed(uint64_t seed, uint64_t index) {
    return Mix(Mix(seed + kGolden) + (index + 1) * kGolden);
  }

  explicit SplitMix(uint64_t seed) : state_(seed) {}

  uint64_t Next() { return Mix(state_ += kGolden); }

  // In [0, 1), in 2^53 steps.
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

  // In [low, high).
  double Uniform(double low, double high) { return low + (high - low) * Unit(); }

  // In [0, n), n > 0. Its bias is n / 2^64.
  uint64_t Below(uint64_t n) { return Next() % n; }

  // Mean 0, deviation 1, bell-shaped, never more than 3.5 off: a sum of four uniform numbers
  // (Irwin-Hall), which needs nothing of the machine's mathematics library.
  double Normal() {
    double sum = 0;
    for (int i = 0; i < 4; ++i) sum += Unit() - 0.5;
    return sum * 1.7320508075688772;  // sqrt(12 / 4)
  }

 private:
  uint64_t state_;
};

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_SPLITMIX_H_
