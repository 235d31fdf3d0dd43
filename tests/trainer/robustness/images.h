// Images for the tests of this folder.
#ifndef DIGITS_TESTS_TRAINER_ROBUSTNESS_IMAGES_H_
#define DIGITS_TESTS_TRAINER_ROBUSTNESS_IMAGES_H_

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>

#include "server/image/image.h"

namespace digits {

inline uint8_t& Pixel(Image& image, int x, int y) {
  return image.at(static_cast<size_t>(y * kImageSide + x));
}

inline int Pixel(const Image& image, int x, int y) {
  return image.at(static_cast<size_t>(y * kImageSide + x));
}

inline Image Filled(uint8_t grey) {
  Image image;
  image.fill(grey);
  return image;
}

// No two rows, columns or directions alike.
inline Image Scattered(uint32_t seed) {
  std::mt19937 random(seed);
  Image image;
  for (uint8_t& pixel : image) pixel = static_cast<uint8_t>(random() >> 24);
  return image;
}

// A rectangle of full ink with these pixels in it, the last ones included.
inline Image Rectangle(int left, int top, int right, int bottom) {
  Image image = Filled(0);
  for (int y = top; y <= bottom; ++y) {
    for (int x = left; x <= right; ++x) Pixel(image, x, y) = 255;
  }
  return image;
}

// In pixels of full ink.
inline double Ink(const Image& image) {
  return std::accumulate(image.begin(), image.end(), 0.0) / 255;
}

}  // namespace digits

#endif  // DIGITS_TESTS_TRAINER_ROBUSTNESS_IMAGES_H_
