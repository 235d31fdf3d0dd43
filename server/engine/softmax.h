// From logits to probabilities.
#ifndef DIGITS_SERVER_ENGINE_SOFTMAX_H_
#define DIGITS_SERVER_ENGINE_SOFTMAX_H_

#include <span>

namespace digits {

// probabilities[i] = exp(logits[i]) / sum of exp(logits[j]), for one image. Shifted by the largest
// logit, so that no exponential overflows. Where the logits themselves have (infinite or NaN),
// every class is equally likely. Both spans have the same length, at least 1.
void Softmax(std::span<const float> logits, std::span<float> probabilities);

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_SOFTMAX_H_
