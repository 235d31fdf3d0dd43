// What logits say.
#ifndef DIGITS_SERVER_ENGINE_SOFTMAX_H_
#define DIGITS_SERVER_ENGINE_SOFTMAX_H_

#include <cstddef>
#include <span>

namespace digits {

// For each row of logits (n x classes, row-major), all of one image:
//
// probabilities (n x classes): exp(logits[i] / temperature) / sum of exp(logits[j] / temperature).
// Shifted by the largest logit, so that no exponential overflows. Where one of the logits is
// +infinity or NaN, or all are -infinity, every class is equally likely.
//
// digit_scores (n, or none where nobody asks for them): how much the image looks like those that
// the network was trained on; higher is more. The negative free energy of its logits,
// ln(sum of exp(logits[i])), whatever the temperature of the probabilities (Liu et al. 2020,
// "Energy-based Out-of-distribution Detection", -E(x; f) at T = 1). The least float where every
// class is equally likely for the reasons above.
//
// There is at least one class; the temperature is positive. Spans do not overlap.
void Softmax(std::span<const float> logits, size_t classes, float temperature,
             std::span<float> probabilities, std::span<float> digit_scores);

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_SOFTMAX_H_
