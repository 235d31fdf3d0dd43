// The two 16-bit floating-point formats that weights are stored in.
#ifndef DIGITS_SERVER_MODEL_FLOAT16_H_
#define DIGITS_SERVER_MODEL_FLOAT16_H_

#include <cstdint>

namespace digits {

// binary16 of IEEE 754: 1 bit of sign, 5 of exponent, 10 of fraction. Rounds to nearest, ties to
// even; what is beyond 65504 by half a step or more, and NaN, becomes infinite.
uint16_t ToF16(float value);
float FromF16(uint16_t bits);

// The upper half of a float: 1 bit of sign, 8 of exponent, 7 of fraction. Rounds to nearest, ties
// to even, and the largest floats to infinity. `value` is not NaN.
uint16_t ToBf16(float value);
float FromBf16(uint16_t bits);

}  // namespace digits

#endif  // DIGITS_SERVER_MODEL_FLOAT16_H_
