// Writes pictures by the libraries that own their formats, where size or kind matter, not the
// bytes.
#ifndef DIGITS_TESTS_TRAINER_DATA_ENCODERS_H_
#define DIGITS_TESTS_TRAINER_DATA_ENCODERS_H_

#include <cstdint>
#include <span>
#include <string>

namespace digits {

// A grey PNG, interlaced. pixels: height x width.
std::string InterlacedPng(uint32_t width, uint32_t height, std::span<const uint8_t> pixels);

enum class JpegKind { kGray, kProgressive, kCmyk, kYcck };

// A JPEG of quality 95, all of it of the one level `gray`; for kCmyk and kYcck of that level in
// each ink, by libjpeg, which writes Adobe's marker.
std::string Jpeg(JpegKind kind, uint32_t width, uint32_t height, uint8_t gray);

}  // namespace digits

#endif  // DIGITS_TESTS_TRAINER_DATA_ENCODERS_H_
