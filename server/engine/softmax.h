// What logits say.
#ifndef DIGITS_SERVER_ENGINE_SOFTMAX_H_
#define DIGITS_SERVER_ENGINE_SOFTMAX_H_

#include <span>

namespace digits {

// probabilities[i] = exp(logits[i] / temperature) / sum of exp(logits[j] / temperature), for one
// image. Shifted by the largest logit, so that no exponential overflows. Where one of the
// logits is +infinity or NaN, or all are -infinity, every class is equally likely. Both spans have
// the same length, at least 1; the temperature is positive.
void Softmax(std::span<const float> logits, float temperature, std::span<float> probabilities);

// How much one image looks like those that the network was trained on; higher is more. The negative
// free energy of its logits, ln(sum of exp(logits[i])), whatever the temperature of the
// probabilities (Liu et al. 2020, "Energy-based Out-of-distribution Detection", -E(x; f) at T = 1).
// The least float where the logits have overflowed. At least 1 logit.
float DigitScore(std::span<const float> logits);

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_SOFTMAX_H_
