#include "trainer/robustness/suite.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>

#include "server/image/mnist_field.h"
#include "trainer/data/splitmix.h"
#include "trainer/robustness/geometry.h"
#include "trainer/robustness/soiling.h"
#include "trainer/robustness/stroke_width.h"

namespace digits {
namespace {

using enum PerturbationKind;

struct KindInWords {
  std::string_view name;
  std::string_view unit;
};

// By kind.
constexpr std::array<KindInWords, 12> kWords = {{
    {"shift", "pixels"},
    {"rotation", "degrees"},
    {"smaller", "times the size"},
    {"larger", "times the size"},
    {"thin", "pixels off each edge"},
    {"thick", "pixels onto each edge"},
    {"noise", "grey levels deviation"},
    {"blur", "passes of 1-2-1"},
    {"contrast", "times the contrast"},
    {"inverted", ""},
    {"occlusion", "pixels' side"},
    {"lines", "lines"},
}};

constexpr std::array<Perturbation, 34> kSuite = {{
    {kShift, 1},      {kShift, 2},      {kShift, 3},       //
    {kRotation, 10},  {kRotation, 20},  {kRotation, 30},   //
    {kSmaller, 0.85}, {kSmaller, 0.7},  {kSmaller, 0.55},  //
    {kLarger, 1.1},   {kLarger, 1.2},   {kLarger, 1.3},    //
    {kThin, 0.25},    {kThin, 0.5},     {kThin, 0.75},     //
    {kThick, 0.5},    {kThick, 1},      {kThick, 1.5},     //
    {kNoise, 32},     {kNoise, 64},     {kNoise, 96},      //
    {kBlur, 1},       {kBlur, 2},       {kBlur, 4},        //
    {kContrast, 0.5}, {kContrast, 0.3}, {kContrast, 0.2},  //
    {kInverted, 1},                                        //
    {kOcclusion, 4},  {kOcclusion, 6},  {kOcclusion, 8},   //
    {kLines, 1},      {kLines, 2},      {kLines, 3},       //
}};

// Where the square that MNIST's digits fill begins, in the middle of the field.
constexpr int kInkBegin = (kImageSide - kInkSide) / 2;

Image Shift(ImageView image, int pixels, SplitMix& random) {
  constexpr int kDirections[8][2] = {{1, 0},  {1, 1},   {0, 1},  {-1, 1},
                                     {-1, 0}, {-1, -1}, {0, -1}, {1, -1}};
  const auto& [right, down] = kDirections[random.Below(8)];
  return Shifted(image, pixels * right, pixels * down);
}

Image Occlude(ImageView image, int side, SplitMix& random) {
  const auto places = static_cast<uint64_t>(kInkSide - side + 1);
  const int x = kInkBegin + static_cast<int>(random.Below(places));
  const int y = kInkBegin + static_cast<int>(random.Below(places));
  return Occluded(image, side, x, y);
}

// Every line goes through the middle half of the field, in any direction.
Image DrawLines(ImageView image, int count, SplitMix& random) {
  Image result;
  std::copy(image.begin(), image.end(), result.begin());
  for (int i = 0; i < count; ++i) {
    const double x = random.Uniform(kImageSide * 0.25 - 0.5, kImageSide * 0.75 - 0.5);
    const double y = random.Uniform(kImageSide * 0.25 - 0.5, kImageSide * 0.75 - 0.5);
    // A point of the unit disc has every direction equally often.
    double dx = 0, dy = 0, square = 0;
    while (square > 1 || square < 0.01) {
      dx = random.Uniform(-1, 1);
      dy = random.Uniform(-1, 1);
      square = dx * dx + dy * dy;
    }
    result = WithLine(result, x, y, dx, dy);
  }
  return result;
}

}  // namespace

std::string_view PerturbationName(PerturbationKind kind) {
  return kWords.at(static_cast<size_t>(kind)).name;
}

std::string_view SeverityUnit(PerturbationKind kind) {
  return kWords.at(static_cast<size_t>(kind)).unit;
}

std::span<const Perturbation> RobustnessSuite() { return kSuite; }

Image Perturbed(const Perturbation& perturbation, ImageView image, uint64_t index) {
  const double severity = perturbation.severity;
  const int whole = static_cast<int>(severity);
  const int quarters = static_cast<int>(4 * severity);
  // Images and perturbations have random numbers of their own.
  SplitMix random(SplitMix::PartSeed(
      static_cast<uint64_t>(perturbation.kind) * 100'000 + static_cast<uint64_t>(100 * severity),
      index));
  switch (perturbation.kind) {
    case kShift:
      return Shift(image, whole, random);
    case kRotation:
      return Rotated(image, random.Below(2) == 0 ? severity : -severity);
    case kSmaller:
    case kLarger:
      return Scaled(image, severity);
    case kThin:
      return Thinned(image, quarters);
    case kThick:
      return Thickened(image, quarters);
    case kNoise:
      return WithNoise(image, severity, random);
    case kBlur:
      return Blurred(image, whole);
    case kContrast:
      return WithContrast(image, severity);
    case kInverted:
      return Inverted(image);
    case kOcclusion:
      return Occlude(image, whole, random);
    case kLines:
      return DrawLines(image, whole, random);
  }
  assert(false);
  return {};
}

}  // namespace digits
