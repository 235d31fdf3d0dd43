// How large a network is.
#ifndef DIGITS_TRAINER_REPORT_PARAMETERS_H_
#define DIGITS_TRAINER_REPORT_PARAMETERS_H_

#include <cstdint>

#include "server/model/network.h"

namespace digits {

// Weights and biases.
inline int64_t Parameters(const DenseLayer& layer) {
  return static_cast<int64_t>(layer.weights.size() + layer.bias.size());
}

inline int64_t Parameters(const Network& network) {
  int64_t sum = 0;
  for (const DenseLayer& layer : network.layers) sum += Parameters(layer);
  return sum;
}

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_PARAMETERS_H_
