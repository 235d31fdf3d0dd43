// The image that everything here reads: MNIST's 28x28 grayscale field.
#ifndef DIGITS_SERVER_IMAGE_IMAGE_H_
#define DIGITS_SERVER_IMAGE_IMAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace digits {

inline constexpr int kImageSide = 28;
inline constexpr size_t kImagePixels = 784;  // kImageSide x kImageSide

// 28 x 28, row-major, 0 (background) to 255 (ink).
using Image = std::array<uint8_t, kImagePixels>;
using ImageView = std::span<const uint8_t, kImagePixels>;

}  // namespace digits

#endif  // DIGITS_SERVER_IMAGE_IMAGE_H_
