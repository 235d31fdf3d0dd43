#include "trainer/data/strokes/canvas.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace digits {
namespace {

// Fine enough that the grey of the image comes from fitting it, small enough to be quick.
constexpr int kSide = 52;
constexpr double kMargin = 2;
// How wide, in pixels, the edge of the ink is: narrow, for what MNIST was made from was black and
// white.
constexpr double kEdge = 0.5;

}  // namespace

Canvas::Canvas() : pixels_(size_t{kSide} * kSide) {}

PlaneView Canvas::Draw(std::span<const Trace> traces) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double left = kInfinity, top = kInfinity, right = -kInfinity, bottom = -kInfinity;
  for (const Trace& trace : traces) {
    for (const Nib& nib : trace) {
      left = std::min(left, nib.x - nib.radius);
      top = std::min(top, nib.y - nib.radius);
      right = std::max(right, nib.x + nib.radius);
      bottom = std::max(bottom, nib.y + nib.radius);
    }
  }
  const double scale = (kSide - 2 * kMargin) / std::max(right - left, bottom - top);
  const auto on_canvas = [&](const Nib& nib) {
    return Nib{kMargin + (nib.x - left) * scale, kMargin + (nib.y - top) * scale,
               nib.radius * scale};
  };

  std::fill(pixels_.begin(), pixels_.end(), uint8_t{0});
  for (const Trace& trace : traces) {
    Nib from = on_canvas(trace.front());
    for (const Nib& nib : trace) {
      const Nib to = on_canvas(nib);
      DrawSegment(from, to);
      from = to;
    }
  }
  return ViewOf(kSide, kSide, pixels_);
}

// A capsule whose radius changes evenly from one end to the other.
void Canvas::DrawSegment(const Nib& from, const Nib& to) {
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  const double length2 = dx * dx + dy * dy;
  const double per_length2 = length2 > 0 ? 1 / length2 : 0;
  const double reach = std::max(from.radius, to.radius) + kEdge / 2;
  // The pixels whose middles are within reach, and perhaps one more.
  const auto pixel = [](double middle) {
    return std::clamp(static_cast<int>(middle), 0, kSide - 1);
  };
  const int x_begin = pixel(std::min(from.x, to.x) - reach + 0.5);
  const int x_last = pixel(std::max(from.x, to.x) + reach - 0.5);
  const int y_begin = pixel(std::min(from.y, to.y) - reach + 0.5);
  const int y_last = pixel(std::max(from.y, to.y) + reach - 0.5);
  for (int y = y_begin; y <= y_last; ++y) {
    for (int x = x_begin; x <= x_last; ++x) {
      uint8_t& value = pixels_[static_cast<size_t>(y) * kSide + static_cast<size_t>(x)];
      if (value == 255) continue;  // most are, from the segment before
      const double px = x + 0.5 - from.x;
      const double py = y + 0.5 - from.y;
      const double t = std::clamp((px * dx + py * dy) * per_length2, 0.0, 1.0);
      const double off_x = px - t * dx;
      const double off_y = py - t * dy;
      const double distance2 = off_x * off_x + off_y * off_y;
      if (distance2 >= reach * reach) continue;
      const double inside = from.radius + t * (to.radius - from.radius) - std::sqrt(distance2);
      const double coverage = std::clamp(0.5 + inside / kEdge, 0.0, 1.0);
      value = std::max(value, static_cast<uint8_t>(std::lround(coverage * 255)));
    }
  }
}

}  // namespace digits
