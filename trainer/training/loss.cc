#include "trainer/training/loss.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "server/model/network.h"
#include "trainer/training/buffer.h"

namespace digits {
namespace {

// d/dz of sum (p - y)^2 / C is 2/C p (p - y - sum p (p - y)), from dp_j/dz_i = p_j ([i = j] - p_i).
double MeanSquaredError(const float* p, size_t classes, size_t label, float scale,
                        float* gradient) {
  double loss = 0;
  float mean = 0;
  for (size_t c = 0; c < classes; ++c) {
    const float difference = p[c] - (c == label ? 1.0f : 0.0f);
    loss += difference * difference;
    mean += p[c] * difference;
  }
  if (gradient != nullptr) {
    const float factor = 2 * scale / static_cast<float>(classes);
    for (size_t c = 0; c < classes; ++c) {
      const float difference = p[c] - (c == label ? 1.0f : 0.0f);
      gradient[c] = factor * p[c] * (difference - mean);
    }
  }
  return loss / static_cast<double>(classes);
}

}  // namespace

Score ScoreLogits(Loss loss, const float* logits, size_t classes, std::span<const uint8_t> labels,
                  float* gradient) {
  assert(classes >= 1 && classes <= kMaxClasses);
  const size_t width = RoundUpToLanes(classes);
  const float scale = 1.0f / static_cast<float>(labels.size());
  std::array<float, kMaxClasses> p;
  Score score;
  score.images = labels.size();
  for (size_t r = 0; r < labels.size(); ++r) {
    const float* row = logits + r * width;
    const size_t label = labels[r];
    const float* greatest = std::max_element(row, row + classes);
    score.correct += greatest == row + label;
    float sum = 0;
    for (size_t c = 0; c < classes; ++c) {
      p[c] = std::exp(row[c] - *greatest);
      sum += p[c];
    }
    const float reciprocal = 1 / sum;
    for (size_t c = 0; c < classes; ++c) p[c] *= reciprocal;

    float* row_gradient = gradient == nullptr ? nullptr : gradient + r * width;
    switch (loss) {
      case Loss::kCrossEntropy:
        score.loss += std::log(sum) - (row[label] - *greatest);
        if (row_gradient != nullptr) {
          for (size_t c = 0; c < classes; ++c) row_gradient[c] = scale * p[c];
          row_gradient[label] -= scale;
        }
        break;
      case Loss::kMeanSquaredError:
        score.loss += MeanSquaredError(p.data(), classes, label, scale, row_gradient);
        break;
    }
    if (row_gradient != nullptr) std::fill(row_gradient + classes, row_gradient + width, 0.0f);
  }
  return score;
}

}  // namespace digits
