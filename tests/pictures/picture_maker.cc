#include "tests/pictures/picture_maker.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "server/image/resample.h"
#include "trainer/data/splitmix.h"
#include "trainer/data/strokes/pen.h"
#include "trainer/data/strokes/random.h"
#include "trainer/data/strokes/styles.h"

namespace digits {
namespace {

// How much of each pixel is ink, 0 to 1.
struct Ink {
  Ink(int w, int h) : width(w), height(h), cover(static_cast<size_t>(w) * static_cast<size_t>(h)) {}

  float& at(int x, int y) {
    return cover[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
  }

  int width;
  int height;
  std::vector<float> cover;
};

double LogUniform(SplitMix& random, double low, double high) {
  return std::exp(random.Uniform(std::log(low), std::log(high)));
}

// Where on a sheet a digit is written.
struct Placing {
  int width = 0;  // of the sheet
  int height = 0;
  double size = 0;  // the digit's longer side
  double x = 0;     // its middle
  double y = 0;
  double cos = 1;  // it is turned
  double sin = 0;
};

Placing PlaceAnywhere(SplitMix& random) {
  Placing placing;
  const double side = LogUniform(random, 20, 2000);
  const double aspect = std::sqrt(LogUniform(random, 0.67, 1.5));
  placing.width = std::clamp(static_cast<int>(side * aspect), 20, 2000);
  placing.height = std::clamp(static_cast<int>(side / aspect), 20, 2000);
  const double shorter = std::min(placing.width, placing.height);
  // Nobody reads a digit of less than a dozen pixels.
  placing.size = shorter * random.Uniform(std::max(0.25, std::min(0.8, 14 / shorter)), 0.85);
  const double degrees = random.Uniform(-12, 12);
  placing.cos = std::cos(degrees * std::numbers::pi / 180);
  placing.sin = std::sin(degrees * std::numbers::pi / 180);
  const double reach = placing.size * 0.57;  // turned, with the pen's width
  const auto middle = [&](double length) {
    return 2 * reach < length ? random.Uniform(reach, length - reach) : length / 2;
  };
  placing.x = middle(placing.width);
  placing.y = middle(placing.height);
  return placing;
}

// A capsule whose radius changes evenly from one end to the other.
void DrawSegment(const Nib& from, const Nib& to, Ink& ink) {
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  const double length2 = dx * dx + dy * dy;
  const double reach = std::max(from.radius, to.radius) + 1;
  const int x_begin = std::max(0, static_cast<int>(std::min(from.x, to.x) - reach));
  const int x_end = std::min(ink.width, static_cast<int>(std::max(from.x, to.x) + reach) + 1);
  const int y_begin = std::max(0, static_cast<int>(std::min(from.y, to.y) - reach));
  const int y_end = std::min(ink.height, static_cast<int>(std::max(from.y, to.y) + reach) + 1);
  for (int y = y_begin; y < y_end; ++y) {
    for (int x = x_begin; x < x_end; ++x) {
      const double px = x + 0.5 - from.x;
      const double py = y + 0.5 - from.y;
      const double t = length2 > 0 ? std::clamp((px * dx + py * dy) / length2, 0.0, 1.0) : 0;
      const double radius = from.radius + t * (to.radius - from.radius);
      const double inside = radius - std::hypot(px - t * dx, py - t * dy);
      ink.at(x, y) = std::max(ink.at(x, y), static_cast<float>(std::clamp(inside + 0.5, 0.0, 1.0)));
    }
  }
}

Ink WriteStrokes(const std::vector<Trace>& traces, double pen, const Placing& placing) {
  double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
  for (const Trace& trace : traces) {
    for (const Nib& nib : trace) {
      left = std::min(left, nib.x);
      right = std::max(right, nib.x);
      top = std::min(top, nib.y);
      bottom = std::max(bottom, nib.y);
    }
  }
  const double scale = placing.size / std::max(right - left, bottom - top);
  const auto on_sheet = [&](const Nib& nib) {
    const double x = (nib.x - (left + right) / 2) * scale;
    const double y = (nib.y - (top + bottom) / 2) * scale;
    return Nib{placing.x + placing.cos * x - placing.sin * y,
               placing.y + placing.sin * x + placing.cos * y,
               std::max(0.5, nib.radius * scale * pen)};
  };
  Ink ink(placing.width, placing.height);
  for (const Trace& trace : traces) {
    Nib from = on_sheet(trace.front());
    for (const Nib& nib : trace) {
      const Nib to = on_sheet(nib);
      DrawSegment(from, to, ink);
      from = to;
    }
  }
  return ink;
}

// MNIST's field turned and scaled, whose digits are 20 pixels long: interpolated linearly, and the
// mean over parts of a pixel where it shrinks.
Ink WriteField(ImageView digit, const Placing& placing) {
  const auto value = [&](int x, int y) {
    const bool inside = x >= 0 && x < kImageSide && y >= 0 && y < kImageSide;
    return inside ? digit[static_cast<size_t>(y * kImageSide + x)] / 255.0 : 0.0;
  };
  const auto sample = [&](double x, double y) {
    const double fx = std::floor(x - 0.5);
    const double fy = std::floor(y - 0.5);
    const double tx = x - 0.5 - fx;
    const double ty = y - 0.5 - fy;
    const int ix = static_cast<int>(fx);
    const int iy = static_cast<int>(fy);
    return (value(ix, iy) * (1 - tx) + value(ix + 1, iy) * tx) * (1 - ty) +
           (value(ix, iy + 1) * (1 - tx) + value(ix + 1, iy + 1) * tx) * ty;
  };
  const double scale = 20 / placing.size;
  const int parts = std::max(1, static_cast<int>(std::ceil(scale)));
  Ink ink(placing.width, placing.height);
  for (int y = 0; y < placing.height; ++y) {
    for (int x = 0; x < placing.width; ++x) {
      double sum = 0;
      for (int part = 0; part < parts * parts; ++part) {
        const double dx = (x + (part % parts + 0.5) / parts - placing.x) * scale;
        const double dy = (y + (part / parts + 0.5) / parts - placing.y) * scale;
        sum += sample(14 + placing.cos * dx + placing.sin * dy,
                      14 - placing.sin * dx + placing.cos * dy);
      }
      ink.at(x, y) = static_cast<float>(sum / (parts * parts));
    }
  }
  return ink;
}

// The grey level of a colour (ITU-R BT.601).
double DrawGrey(SplitMix& random) {
  return 0.299 * random.Uniform(0, 255) + 0.587 * random.Uniform(0, 255) +
         0.114 * random.Uniform(0, 255);
}

// Light falls from one side, or a hand's shadow has a soft edge. Returns a factor for each pixel.
struct Light {
  explicit Light(SplitMix& random)
      : depth(random.Unit() < 0.5 ? 0 : random.Uniform(0.1, 0.45)),
        angle(random.Uniform(0, 2 * std::numbers::pi)),
        edge(random.Uniform(0.15, 1)),
        middle(random.Uniform(-0.3, 0.3)) {}

  // x, y: -0.5 to 0.5 over the sheet.
  double at(double x, double y) const {
    const double along = x * std::cos(angle) + y * std::sin(angle) - middle;
    return 1 - depth * std::clamp(0.5 + along / edge, 0.0, 1.0);
  }

  double depth;
  double angle;
  double edge;
  double middle;
};

uint8_t Level(double grey) {
  return static_cast<uint8_t>(std::lround(std::clamp(grey, 0.0, 255.0)));
}

Plane Photograph(const Ink& ink, SplitMix& random) {
  const bool dark_on_light = random.Unit() < 0.75;
  double paper = 0;
  double pen = 0;
  do {
    paper = DrawGrey(random);
    pen = DrawGrey(random);
  } while (dark_on_light ? paper - pen < 70 : pen - paper < 70);
  const double noise = random.Uniform(0, 10);
  const Light light(random);
  Plane picture(ink.width, ink.height);
  for (int y = 0; y < ink.height; ++y) {
    for (int x = 0; x < ink.width; ++x) {
      const double cover =
          ink.cover[static_cast<size_t>(y) * picture.stride() + static_cast<size_t>(x)];
      const double grey = paper + (pen - paper) * cover;
      const double lit = grey * light.at((x + 0.5) / ink.width - 0.5, (y + 0.5) / ink.height - 0.5);
      picture.Row(y)[x] = Level(lit + noise * random.Normal());
    }
  }
  // Specks of the pen's colour, far smaller than its strokes, on sheets that have room for them.
  const auto specks = std::min(ink.width, ink.height) < 60 ? 0 : random.Below(6);
  for (uint64_t i = 0; i < specks; ++i) {
    const int side = 1 + static_cast<int>(random.Unit() * std::min(ink.width, ink.height) / 150);
    const auto left = static_cast<int>(random.Uniform(0, ink.width - side));
    const auto top = static_cast<int>(random.Uniform(0, ink.height - side));
    for (int y = top; y < top + side; ++y) std::fill_n(picture.Row(y) + left, side, Level(pen));
  }
  return picture;
}

}  // namespace

LabelledPicture PhotographStrokes(uint64_t seed, size_t index) {
  SplitMix random(SplitMix::PartSeed(seed, index));
  const auto label = static_cast<int>(random.Below(10));
  StrokeRandom hand(random.Next());
  const std::vector<Trace> traces = Write(PickStyle(StylesOf(label), hand), hand);
  const double pen = LogUniform(random, 0.3, 2.2);
  const Ink ink = WriteStrokes(traces, pen, PlaceAnywhere(random));
  return {Photograph(ink, random), label};
}

LabelledPicture PhotographDigit(ImageView digit, int label, uint64_t seed, size_t index) {
  SplitMix random(SplitMix::PartSeed(seed, index));
  const Ink ink = WriteField(digit, PlaceAnywhere(random));
  return {Photograph(ink, random), label};
}

LabelledPicture PasteDigit(ImageView digit, int label, uint64_t seed, size_t index) {
  SplitMix random(SplitMix::PartSeed(seed, index));
  const auto side = static_cast<int>(LogUniform(random, 20, 400));
  const auto margin = [&] { return static_cast<int>(random.Uniform(0, side + 40)); };
  Plane picture(side + margin(), side + margin());
  const auto left = static_cast<int>(random.Uniform(0, picture.width - side));
  const auto top = static_cast<int>(random.Uniform(0, picture.height - side));
  double paper = 0;
  double pen = 0;
  do {
    paper = random.Uniform(0, 255);
    pen = random.Uniform(0, 255);
  } while (std::abs(paper - pen) < 80);
  const double noise = random.Uniform(0, 12);
  const Plane resized = Resample(ViewOf(kImageSide, kImageSide, digit), side, side);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const bool inside = x >= left && x < left + side && y >= top && y < top + side;
      const double cover = inside ? resized.Row(y - top)[x - left] / 255.0 : 0;
      picture.Row(y)[x] = Level(paper + (pen - paper) * cover + noise * random.Normal());
    }
  }
  return {std::move(picture), label};
}

}  // namespace digits
