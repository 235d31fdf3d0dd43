#include "trainer/data/non_digits.h"

#include <fmt/format.h>

#include <array>

#include "trainer/data/non_digits/fields.h"
#include "trainer/data/non_digits/letters.h"
#include "trainer/data/non_digits/shapes.h"
#include "trainer/data/non_digits/spoilt_digits.h"
#include "trainer/data/splitmix.h"
#include "trainer/data/strokes/random.h"

namespace digits {
namespace {

constexpr bool kTrained = false;
constexpr bool kHeldOut = true;

constexpr std::array<NonDigitFamily, 14> kFamilies = {{
    {"blanks", kTrained, DrawBlank},
    {"uniform-noise", kTrained, DrawUniformNoise},
    {"salt-noise", kTrained, DrawSaltNoise},
    {"blurred-noise", kHeldOut, DrawBlurredNoise},
    {"stripes", kTrained, DrawStripes},
    {"checks", kHeldOut, DrawChecks},
    {"filled-shapes", kTrained, DrawFilledShape},
    {"outlined-shapes", kHeldOut, DrawOutlinedShape},
    {"capitals", kTrained, DrawCapital},
    {"other-letters", kHeldOut, DrawOtherLetter},
    {"scribbles", kTrained, DrawScribble},
    {"overlaid-digits", kTrained, DrawOverlaidDigits},
    {"digit-pairs", kHeldOut, DrawDigitPair},
    {"half-digits", kTrained, DrawHalfDigit},
}};

// Parts 0 and 1 of a seed are the built-in digits'.
constexpr uint64_t kFirstPart = 2;

}  // namespace

std::span<const NonDigitFamily> NonDigitFamilies() { return kFamilies; }

Image DrawNonDigit(size_t family, uint64_t seed, uint64_t index) {
  StrokeRandom random(SplitMix::PartSeed(SplitMix::PartSeed(seed, kFirstPart + family), index));
  return kFamilies[family].draw(random);
}

DataSet DrawNonDigits(size_t count, uint64_t seed) {
  DataSet data;
  data.name = "non-digits";
  data.pixels.reserve(count * kImagePixels);
  for (size_t i = 0; i < count; ++i) {
    const size_t family = i % kFamilies.size();
    const size_t index = i / kFamilies.size();
    const Image image = DrawNonDigit(family, seed, index);
    data.pixels.insert(data.pixels.end(), image.begin(), image.end());
    data.labels.push_back(static_cast<uint8_t>(family));
    data.sources.push_back(fmt::format("{} {}", kFamilies[family].name, index));
  }
  return data;
}

}  // namespace digits
