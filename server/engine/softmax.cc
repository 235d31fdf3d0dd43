#include "server/engine/softmax.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace digits {

void Softmax(std::span<const float> logits, float temperature, std::span<float> probabilities) {
  const float largest = *std::ranges::max_element(logits);
  float sum = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    probabilities[i] = std::exp((logits[i] - largest) / temperature);
    sum += probabilities[i];
  }
  if (!std::isfinite(sum)) {
    std::ranges::fill(probabilities, 1.0f / static_cast<float>(probabilities.size()));
    return;
  }
  const float factor = 1 / sum;
  for (float& probability : probabilities) probability *= factor;
}

float DigitScore(std::span<const float> logits) {
  const float largest = *std::ranges::max_element(logits);
  float sum = 0;
  for (const float logit : logits) sum += std::exp(logit - largest);
  const float score = largest + std::log(sum);
  return std::isfinite(score) ? score : std::numeric_limits<float>::lowest();
}

}  // namespace digits
