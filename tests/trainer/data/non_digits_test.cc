#include "trainer/data/non_digits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

size_t FamilyCalled(std::string_view name) {
  const auto families = NonDigitFamilies();
  return static_cast<size_t>(std::ranges::find(families, name, &NonDigitFamily::name) -
                             families.begin());
}

double Mean(ImageView image) {
  double sum = 0;
  for (const uint8_t pixel : image) sum += pixel;
  return sum / kImagePixels;
}

TEST(NonDigitFamilies, AreThoseThatWereFixedBeforeAnyTraining) {
  std::vector<std::string> trained, held_out;
  for (const NonDigitFamily& family : NonDigitFamilies()) {
    (family.held_out ? held_out : trained).emplace_back(family.name);
  }
  EXPECT_THAT(trained,
              ElementsAre("blanks", "uniform-noise", "salt-noise", "stripes", "filled-shapes",
                          "capitals", "scribbles", "overlaid-digits", "half-digits"));
  EXPECT_THAT(held_out, ElementsAre("blurred-noise", "checks", "outlined-shapes", "other-letters",
                                    "digit-pairs"));
}

TEST(DrawNonDigit, GivesTheSameImageForTheSameNumbers) {
  for (size_t family = 0; family < NonDigitFamilies().size(); ++family) {
    for (uint64_t index = 0; index < 20; ++index) {
      EXPECT_EQ(DrawNonDigit(family, 7, index), DrawNonDigit(family, 7, index));
    }
  }
}

TEST(DrawNonDigit, GivesOtherImagesForOtherNumbers) {
  for (size_t family = 0; family < NonDigitFamilies().size(); ++family) {
    std::set<Image> images;
    for (uint64_t seed = 0; seed < 3; ++seed) {
      for (uint64_t index = 0; index < 100; ++index) {
        images.insert(DrawNonDigit(family, seed, index));
      }
    }
    // There are no more than 256 images of one grey.
    const size_t least = family == FamilyCalled("blanks") ? 150 : 295;
    EXPECT_GE(images.size(), least) << NonDigitFamilies()[family].name;
  }
}

TEST(DrawNonDigit, GivesTheSameImagesOnEveryMachine) {
  // A change of a family, of the pen or of the digits' styles changes this; a compiler, its flags
  // or a library must not.
  EXPECT_EQ(Sha256(DrawNonDigits(1400, 1)),
            "3cbb3a1496000287d3e8553427c8ec33eff766572bc0b2a7432ee13042369a89");
}

TEST(DrawNonDigit, BringsInkIntoTheFieldAsMnistDoes) {
  for (const std::string_view name :
       {"filled-shapes", "outlined-shapes", "capitals", "other-letters", "scribbles",
        "overlaid-digits", "digit-pairs", "half-digits"}) {
    for (uint64_t index = 0; index < 200; ++index) {
      const Image image = DrawNonDigit(FamilyCalled(name), 3, index);
      int left = kImageSide, top = kImageSide, right = -1, bottom = -1;
      double mass = 0, x_moment = 0, y_moment = 0;
      for (int y = 0; y < kImageSide; ++y) {
        for (int x = 0; x < kImageSide; ++x) {
          const uint8_t value = image[static_cast<size_t>(y * kImageSide + x)];
          if (value == 0) continue;
          left = std::min(left, x);
          right = std::max(right, x);
          top = std::min(top, y);
          bottom = std::max(bottom, y);
          mass += value;
          x_moment += value * x;
          y_moment += value * y;
        }
      }
      SCOPED_TRACE(std::string(name) + " " + std::to_string(index));
      EXPECT_EQ(std::max(right - left, bottom - top) + 1, 20);
      // To within half a pixel, but where the ink would leave the field.
      const bool at_border = left == 0 || top == 0 || right == 27 || bottom == 27;
      if (at_border) continue;
      EXPECT_LE(std::abs(x_moment / mass - 14), 0.51);
      EXPECT_LE(std::abs(y_moment / mass - 14), 0.51);
    }
  }
}

TEST(DrawNonDigit, LeavesNoFigureInABlank) {
  for (uint64_t index = 0; index < 500; ++index) {
    const Image image = DrawNonDigit(FamilyCalled("blanks"), 4, index);
    // All but a few specks are like what lies beside them.
    int steps = 0;
    for (size_t i = 1; i < kImagePixels; ++i) {
      if (i % kImageSide != 0 && std::abs(image[i] - image[i - 1]) > 24) ++steps;
    }
    EXPECT_LE(steps, 12) << index;
  }
}

TEST(DrawNonDigit, FillsTheFieldOrTheInksSquareWithNoiseAndTextures) {
  for (const std::string_view name :
       {"uniform-noise", "salt-noise", "blurred-noise", "stripes", "checks"}) {
    int whole = 0;
    for (uint64_t index = 0; index < 400; ++index) {
      const Image image = DrawNonDigit(FamilyCalled(name), 5, index);
      EXPECT_GT(Mean(image), 0) << name << " " << index;
      const bool has_border =
          std::any_of(image.begin(), image.begin() + 3 * kImageSide, [](uint8_t p) { return p; });
      whole += has_border ? 1 : 0;
    }
    EXPECT_NEAR(whole, 200, 60) << name;
  }
}

TEST(DrawNonDigits, TakesTheFamiliesInTurn) {
  const size_t families = NonDigitFamilies().size();
  const DataSet data = DrawNonDigits(2 * families + 1, 9);
  ASSERT_EQ(data.size(), 2 * families + 1);
  EXPECT_EQ(data.name, "non-digits");
  for (size_t i = 0; i < data.size(); ++i) {
    EXPECT_EQ(data.labels[i], i % families);
    EXPECT_THAT(data.image(i), ElementsAreArray(DrawNonDigit(i % families, 9, i / families)));
  }
  EXPECT_EQ(data.sources[families + 4], "stripes 1");
}

}  // namespace
}  // namespace digits
