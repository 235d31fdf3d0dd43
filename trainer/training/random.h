// Random numbers that are the same for a seed with every compiler and library.
#ifndef DIGITS_TRAINER_TRAINING_RANDOM_H_
#define DIGITS_TRAINER_TRAINING_RANDOM_H_

#include <cstdint>
#include <locale>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <utility>

namespace digits {

// What numbers are drawn for. Each purpose has a sequence of its own, so that a change to one
// leaves the others as they were.
enum class RandomStream : uint32_t { kInitialWeights = 1, kShuffle = 2, kValidationSplit = 3 };

// std::mt19937_64 is fixed by the standard; its distributions and std::shuffle are not, hence
// these.
class Random {
 public:
  Random(uint64_t seed, RandomStream stream) {
    std::seed_seq sequence{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32),
                           static_cast<uint32_t>(stream)};
    engine_.seed(sequence);
  }

  // 0 to bound - 1, all equally likely; bound > 0. Draws below the remainder of 2^64 / bound are
  // thrown away, as they would make some numbers likelier.
  uint64_t Below(uint64_t bound) {
    const uint64_t rejected = -bound % bound;
    uint64_t draw = engine_();
    while (draw < rejected) draw = engine_();
    return draw % bound;
  }

  // low <= x <= high, in 2^24 steps.
  float Uniform(float low, float high) {
    const float unit = static_cast<float>(engine_() >> 40) * 0x1p-24f;
    return low + (high - low) * unit;
  }

  // Fisher and Yates: all orders are equally likely.
  void Shuffle(std::span<uint32_t> values) {
    for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[Below(i)]);
  }

  // Where in its sequence it is, as text; and back there, false where the text does not say.
  std::string Save() const {
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << engine_;
    return out.str();
  }
  bool Restore(const std::string& text) {
    std::istringstream in(text);
    in.imbue(std::locale::classic());
    return static_cast<bool>(in >> engine_);
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_RANDOM_H_
