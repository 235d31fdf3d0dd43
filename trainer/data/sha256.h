// SHA-256 of bytes in memory.
#ifndef DIGITS_TRAINER_DATA_SHA256_H_
#define DIGITS_TRAINER_DATA_SHA256_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace digits {

// Of the parts, one after another: 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::initializer_list<std::span<const uint8_t>> parts);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_SHA256_H_
