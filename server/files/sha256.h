// SHA-256 of bytes in memory.
#ifndef DIGITS_SERVER_FILES_SHA256_H_
#define DIGITS_SERVER_FILES_SHA256_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace digits {

// 64 lower-case hexadecimal digits; of parts, as they are one after another.
std::string Sha256Hex(std::initializer_list<std::span<const uint8_t>> parts);
std::string Sha256Hex(std::string_view bytes);

}  // namespace digits

#endif  // DIGITS_SERVER_FILES_SHA256_H_
