// What no weight may be.
#ifndef DIGITS_TESTS_SERVER_MODEL_NOT_FINITE_H_
#define DIGITS_TESTS_SERVER_MODEL_NOT_FINITE_H_

#include <limits>

namespace digits {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

}  // namespace digits

#endif  // DIGITS_TESTS_SERVER_MODEL_NOT_FINITE_H_
