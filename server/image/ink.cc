#include "server/image/ink.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numbers>
#include <span>
#include <vector>

#include "server/image/morphology.h"

namespace digits {
namespace {

constexpr size_t kLevels = 256;
using Histogram = std::array<uint64_t, kLevels>;

// Ink and paper differ by so many grey levels at least, and by so many of the noise's deviations.
constexpr int kLeastContrast = 16;
constexpr double kLeastContrastToNoise = 5;

// The paper's noise is averaged away from this deviation on; edges are softened with it.
constexpr double kSmoothedNoise = 3;

// The most that light differs by between two sides of a picture.
constexpr int kDeepestShadow = 100;

// How far the light in the middle may be off the mean of both sides, as a share of half of what
// these differ by, to change evenly. Shadows with edges do not, and need no levelling.
constexpr double kMostBend = 0.5;

// What is left of shadows, as a share of the ink's contrast.
constexpr double kUnevenness = 0.1;

// Edges of strokes are within this part of the picture's longer side; shadows' are softer.
constexpr int kStepsALine = 32;

// The rest of all differences over such a part are those of strokes' edges.
constexpr double kFlatShare = 0.998;

// Strokes are narrower than this share of the picture's shorter side.
constexpr double kWidestStroke = 0.45;

Histogram HistogramOf(const PlaneView& picture) {
  Histogram histogram = {};
  for (int y = 0; y < picture.height; ++y) {
    for (const uint8_t value : std::span(picture.Row(y), static_cast<size_t>(picture.width))) {
      ++histogram[value];
    }
  }
  return histogram;
}

// A grey level between the two that the picture consists of: that which leaves the least variance
// below and above itself (Otsu 1979, "A Threshold Selection Method from Gray-Level Histograms").
// Levels above it are of the upper kind.
int OtsuThreshold(const Histogram& histogram) {
  double count = 0;
  double sum = 0;
  for (size_t v = 0; v < kLevels; ++v) {
    count += static_cast<double>(histogram[v]);
    sum += static_cast<double>(v * histogram[v]);
  }
  double below = 0;
  double sum_below = 0;
  double greatest = -1;
  int first = 0;
  int last = 0;
  for (size_t v = 0; v + 1 < kLevels; ++v) {
    below += static_cast<double>(histogram[v]);
    sum_below += static_cast<double>(v * histogram[v]);
    if (below == 0 || below == count) continue;
    const double difference = sum_below / below - (sum - sum_below) / (count - below);
    const double between = below * (count - below) * difference * difference;
    if (between > greatest) {
      greatest = between;
      first = static_cast<int>(v);
    }
    if (between == greatest) last = static_cast<int>(v);
  }
  // Where nothing lies between the two kinds, the middle.
  return (first + last) / 2;
}

// The level that `share` of those from `begin` to `end` are at most.
int Quantile(const Histogram& histogram, size_t begin, size_t end, double share) {
  uint64_t count = 0;
  for (size_t v = begin; v < end; ++v) count += histogram[v];
  const double wanted = share * static_cast<double>(count);
  uint64_t below = 0;
  for (size_t v = begin; v < end; ++v) {
    below += histogram[v];
    if (below > 0 && static_cast<double>(below) >= wanted) return static_cast<int>(v);
  }
  return static_cast<int>(begin);
}

// The mean of 3x3 pixels, those beyond the border being as those at it.
Plane Smoothed(const PlaneView& plane) {
  Plane smoothed(plane.width, plane.height);
  const auto width = static_cast<size_t>(plane.width);
  std::vector<uint16_t> sums(width + 2);  // of three rows; with a pixel more at both ends
  for (int y = 0; y < plane.height; ++y) {
    const uint8_t* const above = plane.Row(std::max(0, y - 1));
    const uint8_t* const row = plane.Row(y);
    const uint8_t* const below = plane.Row(std::min(plane.height - 1, y + 1));
    for (size_t x = 0; x < width; ++x) {
      sums[x + 1] = static_cast<uint16_t>(above[x] + row[x] + below[x]);
    }
    sums.front() = sums[1];
    sums.back() = sums[width];
    uint8_t* const to = smoothed.Row(y);
    for (size_t x = 0; x < width; ++x) {
      to[x] = static_cast<uint8_t>((sums[x] + sums[x + 1] + sums[x + 2] + 4) / 9);
    }
  }
  return smoothed;
}

// The level that a quarter of what `count` pixels `step` apart hold is at most: of a side of the
// picture, of which ink takes up less than the rest.
int PaperAlong(const uint8_t* pixels, int count, size_t step) {
  Histogram histogram = {};
  for (int i = 0; i < count; ++i) ++histogram[pixels[static_cast<size_t>(i) * step]];
  return Quantile(histogram, 0, kLevels, 0.25);
}

// Takes away what light increases by from one side to the other, where it does so evenly. A greater
// difference than shadows make is left: then ink runs along one of the sides.
void LevelLight(Plane& light_ink) {
  const int width = light_ink.width;
  const int height = light_ink.height;
  const size_t stride = light_ink.stride();
  const auto slope = [](int from, int middle, int to, int length) {
    const bool even = std::abs(2 * middle - from - to) <= kMostBend * std::abs(to - from);
    return length > 1 && even && std::abs(to - from) <= kDeepestShadow
               ? static_cast<double>(to - from) / (length - 1)
               : 0.0;
  };
  const uint8_t* const first = light_ink.Row(0);
  const double across =
      slope(PaperAlong(first, height, stride), PaperAlong(first + width / 2, height, stride),
            PaperAlong(first + width - 1, height, stride), width);
  const double down =
      slope(PaperAlong(first, width, 1), PaperAlong(light_ink.Row(height / 2), width, 1),
            PaperAlong(light_ink.Row(height - 1), width, 1), height);
  if (across == 0 && down == 0) return;
  // Nothing gets darker than it is where the light is least.
  const double least = std::min(0.0, across * (width - 1)) + std::min(0.0, down * (height - 1));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      uint8_t& value = light_ink.Row(y)[x];
      const double levelled = value - (across * x + down * y - least);
      value = static_cast<uint8_t>(std::max(0.0, std::round(levelled)));
    }
  }
}

// As light as the paper is where it is darkest around; what is wider than a stroke can be. An
// opening: it follows light that changes evenly, and is nowhere above the picture.
Plane PaperOf(const Plane& light_ink) {
  const int shorter = std::min(light_ink.width, light_ink.height);
  const int reach = std::max(1, static_cast<int>(kWidestStroke / 2 * shorter));
  return Opened(Smoothed(light_ink.View()), reach);
}

// The standard deviation of the noise. Neighbours differ by noise alone, but for the few that an
// edge lies between. Of a normal distribution, half lie within 0.6745 deviations; a difference of
// two has the square root of 2 times the deviation.
double NoiseOf(const Plane& plane) {
  Histogram differences = {};
  for (int y = 0; y < plane.height; ++y) {
    const uint8_t* const row = plane.Row(y);
    for (int x = 0; x + 1 < plane.width; ++x)
      ++differences[static_cast<size_t>(std::abs(row[x + 1] - row[x]))];
  }
  return Quantile(differences, 0, kLevels, 0.5) / (0.6745 * std::numbers::sqrt2);
}

// The level that is still paper, and the one that is wholly ink.
struct Levels {
  int paper = 0;
  int ink = 0;
};

// None where the two are too near one another. `even`: whether the paper is of one level wherever
// there is no noise.
std::optional<Levels> FindLevels(const Histogram& histogram, double noise, bool even) {
  const int otsu = OtsuThreshold(histogram);
  const int middle = Quantile(histogram, 0, static_cast<size_t>(otsu) + 1, 0.5);
  const int paper = noise > 0 ? middle + static_cast<int>(3 * noise + 0.5) : middle;
  // Beside a little ink, Otsu's threshold may lie within much paper.
  const int begin = std::max(otsu, paper) + 1;
  if (begin >= static_cast<int>(kLevels)) return std::nullopt;
  const int ink = Quantile(histogram, static_cast<size_t>(begin), kLevels, 0.9);
  if (ink - middle < kLeastContrast || ink - middle < kLeastContrastToNoise * noise) {
    return std::nullopt;
  }
  const int shadow = even ? 0 : static_cast<int>(kUnevenness * (ink - middle));
  return Levels{std::max(paper, middle + shadow), ink};
}

// Pixels from one border of the picture to the other one.
struct Line {
  const uint8_t* first;
  int length;
  size_t step;

  int Rise(int i, int reach) const {
    return first[static_cast<size_t>(i + reach) * step] - first[static_cast<size_t>(i) * step];
  }
};

}  // namespace

Paper FindPaper(const PlaneView& picture) {
  const Plane smooth = Smoothed(picture);
  const int reach = std::max(2, std::max(picture.width, picture.height) / kStepsALine);
  std::vector<Line> lines;
  for (int y = 0; y < smooth.height; ++y) lines.push_back({smooth.Row(y), smooth.width, 1});
  for (int x = 0; x < smooth.width; ++x) {
    lines.push_back({smooth.Row(0) + x, smooth.height, smooth.stride()});
  }
  Histogram steepness = {};
  for (const Line& line : lines) {
    for (int i = 0; i + reach < line.length; ++i) {
      ++steepness[static_cast<size_t>(std::abs(line.Rise(i, reach)))];
    }
  }
  const int steep = std::max(kLeastContrast / 2, Quantile(steepness, 0, kLevels, kFlatShare) / 2);
  int darker = 0;
  int lighter = 0;
  for (const Line& line : lines) {
    int first = 0;
    int last = line.length - reach - 1;
    while (first <= last && std::abs(line.Rise(first, reach)) < steep) ++first;
    if (first > last) continue;
    while (std::abs(line.Rise(last, reach)) < steep) --last;
    ++(line.Rise(first, reach) < 0 ? darker : lighter);
    ++(line.Rise(last, reach) > 0 ? darker : lighter);  // coming from the other border
  }
  if (darker != lighter) return darker > lighter ? Paper::kLight : Paper::kDark;
  // Without edges, nothing is written.
  return Quantile(HistogramOf(picture), 0, kLevels, 0.5) > 127 ? Paper::kLight : Paper::kDark;
}

std::optional<Plane> SeparateInk(const PlaneView& picture, Paper paper) {
  Plane ink(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    const uint8_t* const row = picture.Row(y);
    std::transform(row, row + picture.width, ink.Row(y), [paper](uint8_t value) {
      return paper == Paper::kLight ? static_cast<uint8_t>(255 - value) : value;
    });
  }
  double noise = NoiseOf(ink);
  LevelLight(ink);
  const Plane background = PaperOf(ink);
  const bool even = std::ranges::all_of(
      background.pixels, [&](uint8_t value) { return value == background.pixels.front(); });
  std::ranges::transform(ink.pixels, background.pixels, ink.pixels.begin(),
                         [](uint8_t value, uint8_t below) {
                           return static_cast<uint8_t>(std::max(0, value - below));
                         });

  if (noise >= kSmoothedNoise) {
    ink = Smoothed(ink.View());
    noise /= 3;
  }
  const std::optional<Levels> levels = FindLevels(HistogramOf(ink.View()), noise, even);
  if (!levels) return std::nullopt;
  const auto [least, full] = *levels;
  for (uint8_t& value : ink.pixels) {
    const int scaled = (255 * (value - least) + (full - least) / 2) / (full - least);
    value = static_cast<uint8_t>(value <= least ? 0 : std::min(255, scaled));
  }
  return ink;
}

}  // namespace digits
