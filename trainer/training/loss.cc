#include "trainer/training/loss.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "server/model/network.h"
#include "trainer/training/buffer.h"

namespace digits {
namespace {

// The row y of a label, or of soft targets.
void FillTarget(const LossOptions& options, const float* soft, size_t classes, size_t label,
                float* y) {
  const float hard = soft == nullptr ? 1.0f : options.hard_share;
  const float even = hard * options.label_smoothing / static_cast<float>(classes);
  for (size_t c = 0; c < classes; ++c) y[c] = even + (soft == nullptr ? 0 : (1 - hard) * soft[c]);
  y[label] += hard * (1 - options.label_smoothing);
}

// -sum y log p, where log p = z - log(sum exp z) with z the logits less the greatest.
double CrossEntropy(const float* z, float log_sum, const float* y, size_t classes) {
  double loss = 0;
  for (size_t c = 0; c < classes; ++c) {
    // A class without a share counts for nothing, be its logit never so low.
    if (y[c] != 0) loss += y[c] * (log_sum - z[c]);
  }
  return loss;
}

// d/dz of sum (p - y)^2 / C is 2/C p (p - y - sum p (p - y)), from dp_j/dz_i = p_j ([i = j] - p_i).
double MeanSquaredError(const float* p, const float* y, size_t classes, float scale,
                        float* gradient) {
  double loss = 0;
  float mean = 0;
  for (size_t c = 0; c < classes; ++c) {
    const float difference = p[c] - y[c];
    loss += difference * difference;
    mean += p[c] * difference;
  }
  if (gradient != nullptr) {
    const float factor = 2 * scale / static_cast<float>(classes);
    for (size_t c = 0; c < classes; ++c) {
      const float difference = p[c] - y[c];
      gradient[c] = factor * p[c] * (difference - mean);
    }
  }
  return loss / static_cast<double>(classes);
}

}  // namespace

Score ScoreLogits(const LossOptions& options, const float* logits, size_t classes,
                  const Targets& targets, float* gradient) {
  assert(classes >= 1 && classes <= kMaxClasses);
  const size_t width = RoundUpToLanes(classes);
  const size_t images = targets.labels.size();
  const float scale = 1.0f / static_cast<float>(images);
  const float temperature = targets.soft == nullptr ? 1.0f : options.temperature;
  const float inverse_temperature = 1 / temperature;
  const float weight = temperature * temperature;
  // Most often all is the label's, which makes it simpler.
  const bool one_hot = targets.soft == nullptr && options.label_smoothing == 0;
  std::array<float, kMaxClasses> y, z, p;
  Score score;
  for (size_t r = 0; r < images; ++r) {
    const float* row = logits + r * width;
    const size_t label = targets.labels[r];
    const bool outlier = targets.outliers != nullptr && targets.outliers[r] != 0;
    const float* greatest = std::max_element(row, row + classes);
    if (!outlier) {
      ++score.images;
      score.correct += greatest == row + label;
    }
    float sum = 0;
    for (size_t c = 0; c < classes; ++c) {
      z[c] = (row[c] - *greatest) * inverse_temperature;
      p[c] = std::exp(z[c]);
      sum += p[c];
    }
    const float reciprocal = 1 / sum;
    for (size_t c = 0; c < classes; ++c) p[c] *= reciprocal;

    float* row_gradient = gradient == nullptr ? nullptr : gradient + r * width;
    if (one_hot && !outlier && options.loss == Loss::kCrossEntropy) {
      score.loss += std::log(sum) - z[label];
      if (row_gradient == nullptr) continue;
      for (size_t c = 0; c < classes; ++c) row_gradient[c] = scale * p[c];
      row_gradient[label] -= scale;
      std::fill(row_gradient + classes, row_gradient + width, 0.0f);
      continue;
    }
    if (outlier) {
      std::fill_n(y.begin(), classes, 1 / static_cast<float>(classes));
    } else {
      FillTarget(options, targets.soft == nullptr ? nullptr : targets.soft + r * classes, classes,
                 label, y.data());
    }
    double& loss = outlier ? score.outlier_loss : score.loss;
    switch (options.loss) {
      case Loss::kCrossEntropy:
        loss += weight * CrossEntropy(z.data(), std::log(sum), y.data(), classes);
        if (row_gradient != nullptr) {
          // Of weight x loss by logits / temperature, which is divided by the temperature again.
          const float factor = scale * temperature;
          for (size_t c = 0; c < classes; ++c) row_gradient[c] = factor * p[c] - factor * y[c];
        }
        break;
      case Loss::kMeanSquaredError:
        loss += weight *
                MeanSquaredError(p.data(), y.data(), classes, scale * temperature, row_gradient);
        break;
    }
    if (row_gradient != nullptr) std::fill(row_gradient + classes, row_gradient + width, 0.0f);
  }
  return score;
}

}  // namespace digits
