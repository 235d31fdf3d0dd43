#include "trainer/robustness/suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/trainer/robustness/images.h"
#include "trainer/data/data_set.h"
#include "trainer/robustness/geometry.h"
#include "trainer/robustness/soiling.h"
#include "trainer/robustness/stroke_width.h"

namespace digits {
namespace {

// A ring and a slanting stroke, as a digit might have them, with soft edges.
Image Drawing() { return Blurred(Rotated(WithLine(Rectangle(9, 8, 18, 19), 14, 14, 1, 3), 25), 1); }

TEST(RobustnessSuite, KeepsItsKindsAndSeverities) {
  std::map<std::string, std::vector<double>> severities;
  for (const Perturbation& perturbation : RobustnessSuite()) {
    severities[std::string(PerturbationName(perturbation.kind))].push_back(perturbation.severity);
  }
  const std::map<std::string, std::vector<double>> expected = {
      {"shift", {1, 2, 3}},        {"rotation", {10, 20, 30}},  {"smaller", {0.85, 0.7, 0.55}},
      {"larger", {1.1, 1.2, 1.3}}, {"thin", {0.25, 0.5, 0.75}}, {"thick", {0.5, 1, 1.5}},
      {"noise", {32, 64, 96}},     {"blur", {1, 2, 4}},         {"contrast", {0.5, 0.3, 0.2}},
      {"inverted", {1}},           {"occlusion", {4, 6, 8}},    {"lines", {1, 2, 3}}};
  EXPECT_EQ(severities, expected);
}

TEST(RobustnessSuite, MakesTheSameBytesOnEveryMachine) {
  // Of every perturbation of a few images. A compiler, its flags or a library must not change this.
  DataSet data;
  for (uint64_t index = 0; index < 10; ++index) {
    for (const Perturbation& perturbation : RobustnessSuite()) {
      const Image image = Perturbed(perturbation, Drawing(), index);
      data.pixels.insert(data.pixels.end(), image.begin(), image.end());
    }
  }
  EXPECT_EQ(Sha256(data), "91402105a01d835ce816cf95a0573028dc78eff0499dd6832b9c9a4e1730b295");
}

TEST(RobustnessSuite, DependsOnThePerturbationAndTheIndexAlone) {
  const Image image = Drawing();
  for (const Perturbation& perturbation : RobustnessSuite()) {
    SCOPED_TRACE(PerturbationName(perturbation.kind));
    const Image third = Perturbed(perturbation, image, 3);
    Perturbed(perturbation, image, 4);
    EXPECT_EQ(Perturbed(perturbation, image, 3), third);
    EXPECT_NE(third, image);
  }
  const Perturbation noise = {PerturbationKind::kNoise, 32};
  EXPECT_NE(Perturbed(noise, image, 3), Perturbed(noise, image, 4));
}

TEST(RobustnessSuite, ShiftsInAllEightDirectionsAlike) {
  const Image image = Drawing();
  std::map<Image, int> directions;
  for (uint64_t index = 0; index < 8000; ++index) {
    ++directions[Perturbed({PerturbationKind::kShift, 2}, image, index)];
  }
  EXPECT_EQ(directions.size(), 8u);
  for (const int right : {-2, 0, 2}) {
    for (const int down : {-2, 0, 2}) {
      if (right == 0 && down == 0) continue;
      EXPECT_NEAR(directions[Shifted(image, right, down)], 1000, 120) << right << ", " << down;
    }
  }
}

TEST(RobustnessSuite, TurnsHalfOfTheImagesEitherWay) {
  const Image image = Drawing();
  std::map<Image, int> turned;
  for (uint64_t index = 0; index < 1000; ++index) {
    ++turned[Perturbed({PerturbationKind::kRotation, 20}, image, index)];
  }
  EXPECT_EQ(turned.size(), 2u);
  EXPECT_NEAR(turned[Rotated(image, 20)], 500, 64);
  EXPECT_NEAR(turned[Rotated(image, -20)], 500, 64);
}

TEST(RobustnessSuite, DoesTheRestAsItsNamesSay) {
  using enum PerturbationKind;
  const Image image = Drawing();
  EXPECT_EQ(Perturbed({kSmaller, 0.7}, image, 1), Scaled(image, 0.7));
  EXPECT_EQ(Perturbed({kLarger, 1.2}, image, 1), Scaled(image, 1.2));
  EXPECT_EQ(Perturbed({kThin, 0.75}, image, 1), Thinned(image, 3));
  EXPECT_EQ(Perturbed({kThick, 1.5}, image, 1), Thickened(image, 6));
  EXPECT_EQ(Perturbed({kBlur, 4}, image, 1), Blurred(image, 4));
  EXPECT_EQ(Perturbed({kContrast, 0.3}, image, 1), WithContrast(image, 0.3));
  EXPECT_EQ(Perturbed({kInverted, 1}, image, 1), Inverted(image));
}

TEST(RobustnessSuite, OccludesSomewhereOnTheSquareOfTheDigit) {
  std::set<int> lefts, tops;
  for (uint64_t index = 0; index < 1000; ++index) {
    const Image image = Perturbed({PerturbationKind::kOcclusion, 8}, Filled(255), index);
    ASSERT_EQ(std::count(image.begin(), image.end(), 0), 64);
    const auto first = static_cast<int>(std::find(image.begin(), image.end(), 0) - image.begin());
    lefts.insert(first % 28);
    tops.insert(first / 28);
  }
  // 20 x 20 pixels from 4 to 23.
  for (const std::set<int>& corners : {lefts, tops}) {
    EXPECT_EQ(*corners.begin(), 4);
    EXPECT_EQ(*corners.rbegin(), 16);
    EXPECT_EQ(corners.size(), 13u);
  }
}

TEST(RobustnessSuite, DrawsAsManyLinesThroughTheMiddleAsItSays) {
  for (const double lines : {1.0, 2.0, 3.0}) {
    for (uint64_t index = 0; index < 100; ++index) {
      const Image image = Perturbed({PerturbationKind::kLines, lines}, Filled(0), index);
      // The middle half is crossed, and the ink is that of lines at least 14 long, less where they
      // cross.
      double middle = 0;
      for (int y = 7; y < 21; ++y) {
        for (int x = 7; x < 21; ++x) middle += Pixel(image, x, y) / 255.0;
      }
      EXPECT_GT(middle, 0.5);
      EXPECT_GT(Ink(image), 14);
      EXPECT_LT(Ink(image), 40 * lines);
    }
  }
}

}  // namespace
}  // namespace digits
