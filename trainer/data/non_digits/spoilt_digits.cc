#include "trainer/data/non_digits/spoilt_digits.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "server/image/mnist_field.h"
#include "trainer/data/strokes/canvas.h"
#include "trainer/data/strokes/pen.h"
#include "trainer/data/strokes/styles.h"

namespace digits {
namespace {

// Writes with a nib that is thinner than for a digit alone, which has more room in the field.
std::vector<Trace> WriteThinly(const Style& style, StrokeRandom& random) {
  std::vector<Trace> traces = Write(style, random);
  for (Trace& trace : traces) {
    for (Nib& nib : trace) nib.radius *= 0.7;
  }
  return traces;
}

// `traces` and, moved by (dx, dy), `others`.
Image DrawBoth(std::vector<Trace> traces, const std::vector<Trace>& others, double dx, double dy) {
  for (Trace trace : others) {
    for (Nib& nib : trace) {
      nib.x += dx;
      nib.y += dy;
    }
    traces.push_back(std::move(trace));
  }
  Canvas canvas;
  return MnistField(canvas.Draw(traces));
}

struct Extent {
  double least = std::numeric_limits<double>::infinity();
  double greatest = -std::numeric_limits<double>::infinity();
};

Extent AcrossOf(const std::vector<Trace>& traces) {
  Extent across;
  for (const Trace& trace : traces) {
    for (const Nib& nib : trace) {
      across.least = std::min(across.least, nib.x - nib.radius);
      across.greatest = std::max(across.greatest, nib.x + nib.radius);
    }
  }
  return across;
}

enum class Half { kTop, kBottom };

struct HalfDigit {
  int digit;
  Half half;
};

constexpr std::array<HalfDigit, 5> kHalfDigits = {
    {{0, Half::kTop}, {0, Half::kBottom}, {2, Half::kBottom}, {4, Half::kTop}, {5, Half::kTop}}};

}  // namespace

Image DrawScribble(StrokeRandom& random) {
  Stroke stroke;
  for (int knots = random.Between(12, 18); knots > 0; --knots) {
    stroke.push_back({random.Uniform(0, 1.2), random.Unit(), random.Below(4) == 0});
  }
  Canvas canvas;
  return MnistField(canvas.Draw(WriteThinly({1, {stroke}}, random)));
}

Image DrawOverlaidDigits(StrokeRandom& random) {
  constexpr std::array<int, 9> kDigits = {0, 2, 3, 4, 5, 6, 7, 8, 9};
  const uint64_t first = random.Below(kDigits.size());
  const uint64_t second = (first + 1 + random.Below(kDigits.size() - 1)) % kDigits.size();
  const auto write = [&](uint64_t digit) {
    return WriteThinly(PickStyle(StylesOf(kDigits.at(digit)), random), random);
  };
  const std::vector<Trace> under = write(first);
  const std::vector<Trace> over = write(second);
  const double side = random.Below(2) == 0 ? 1 : -1;
  const double dx = side * random.Uniform(0.45, 0.7);
  const double dy = random.Uniform(-0.3, 0.3);
  return DrawBoth(under, over, dx, dy);
}

Image DrawDigitPair(StrokeRandom& random) {
  const auto write = [&] {
    return Write(PickStyle(StylesOf(random.Between(0, 9)), random), random);
  };
  const std::vector<Trace> left = write();
  const std::vector<Trace> right = write();
  const double gap = random.Uniform(0.05, 0.25);
  const double dy = random.Uniform(-0.1, 0.1);
  return DrawBoth(left, right, AcrossOf(left).greatest + gap - AcrossOf(right).least, dy);
}

Image DrawHalfDigit(StrokeRandom& random) {
  const HalfDigit& half = kHalfDigits.at(random.Below(kHalfDigits.size()));
  Canvas canvas;
  const PlaneView ink = canvas.Draw(Write(PickStyle(StylesOf(half.digit), random), random));
  const int middle = ink.height / 2;
  const Range rows = half.half == Half::kTop ? Range{0, middle} : Range{middle, ink.height};
  return MnistField(ink.Part({{0, ink.width}, rows}));
}

}  // namespace digits
