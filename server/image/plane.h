// Grayscale pixels of any width and height.
#ifndef DIGITS_SERVER_IMAGE_PLANE_H_
#define DIGITS_SERVER_IMAGE_PLANE_H_

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace digits {

// Half-open: begin <= i < end.
struct Range {
  int begin = 0;
  int end = 0;
  int size() const { return end - begin; }
};

struct Box {
  Range x;
  Range y;
};

// Somebody else's pixels, height x width; rows lie `stride` apart.
struct PlaneView {
  int width = 0;   // >= 0
  int height = 0;  // >= 0
  const uint8_t* pixels = nullptr;
  size_t stride = 0;

  const uint8_t* Row(int y) const { return pixels + static_cast<size_t>(y) * stride; }

  // `box` lies within.
  PlaneView Part(const Box& box) const {
    return {box.x.size(), box.y.size(), Row(box.y.begin) + box.x.begin, stride};
  }
};

// pixels: height x width, row-major.
inline PlaneView ViewOf(int width, int height, std::span<const uint8_t> pixels) {
  assert(pixels.size() == static_cast<size_t>(width) * static_cast<size_t>(height));
  return {width, height, pixels.data(), static_cast<size_t>(width)};
}

struct Plane {
  Plane() = default;
  Plane(int w, int h)
      : width(w), height(h), pixels(static_cast<size_t>(w) * static_cast<size_t>(h)) {}

  uint8_t* Row(int y) { return pixels.data() + static_cast<size_t>(y) * stride(); }
  const uint8_t* Row(int y) const { return pixels.data() + static_cast<size_t>(y) * stride(); }
  PlaneView View() const { return ViewOf(width, height, pixels); }
  size_t stride() const { return static_cast<size_t>(width); }

  int width = 0;
  int height = 0;
  std::vector<uint8_t> pixels;  // height x width, row-major
};

}  // namespace digits

#endif  // DIGITS_SERVER_IMAGE_PLANE_H_
