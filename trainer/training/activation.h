// What layers apply to their sums.
#ifndef DIGITS_TRAINER_TRAINING_ACTIVATION_H_
#define DIGITS_TRAINER_TRAINING_ACTIVATION_H_

#include <cstddef>

#include "server/model/network.h"

namespace digits {

// In place on rows x outputs, padded as Layer says. kSoftmax changes nothing: it belongs to the
// loss.
void Activate(Activation activation, size_t rows, size_t outputs, float* output);

// Turns gradients by the activations into gradients by the sums, in place. `output` is what
// Activate left: the derivatives of all these activations follow from their values.
void ActivationGradient(Activation activation, size_t rows, size_t outputs, const float* output,
                        float* gradient);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_ACTIVATION_H_
