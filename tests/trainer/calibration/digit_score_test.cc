#include "trainer/calibration/digit_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "trainer/data/non_digits.h"

namespace digits {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

using Scores = std::vector<float>;

TEST(AreaUnderRoc, CountsThePairsThatAreInOrder) {
  // Of 3 x 2 pairs, (3, 2), (3, 0), (1, 0) and (2, 0) are, (2, 2) is a tie, (1, 2) is not.
  EXPECT_DOUBLE_EQ(AreaUnderRoc(Scores{3, 1, 2}, Scores{2, 0}), 4.5 / 6);
}

TEST(AreaUnderRoc, IsOneZeroOrAHalfWhereAllPairsAreAlike) {
  EXPECT_DOUBLE_EQ(AreaUnderRoc(Scores{5, 7}, Scores{-1, 4, 2}), 1);
  EXPECT_DOUBLE_EQ(AreaUnderRoc(Scores{-1, 4, 2}, Scores{5, 7}), 0);
  EXPECT_DOUBLE_EQ(AreaUnderRoc(Scores{3, 3, 3}, Scores{3, 3}), 0.5);
}

TEST(ThresholdKeeping, KeepsAtLeastTheShare) {
  const Scores scores = {5, 1, 4, 2, 3};
  EXPECT_EQ(ThresholdKeeping(0.6, scores), 3);
  EXPECT_EQ(ThresholdKeeping(0.61, scores), 2);
  EXPECT_EQ(ThresholdKeeping(1, scores), 1);
  EXPECT_EQ(ThresholdKeeping(0.01, scores), 5);
  EXPECT_EQ(ThresholdKeeping(0.9, Scores{2, 2, 2}), 2);
}

TEST(ThresholdKeeping, IsNotMisledByRounding) {
  Scores scores(100);
  std::iota(scores.begin(), scores.end(), 1.0f);
  EXPECT_EQ(ThresholdKeeping(0.07, scores), 94) << "0.07 x 100 is a little more than 7 in float64";
  EXPECT_EQ(ThresholdKeeping(0.99, scores), 2);
}

// Scores an image by its greatest pixel.
class GreatestPixelClassifier : public Classifier {
 public:
  int classes() const override { return 2; }
  std::string_view precision() const override { return "f32"; }
  void Classify(std::span<const uint8_t> pixels, std::span<float> probabilities,
                std::span<float> digit_scores) const override {
    std::ranges::fill(probabilities, 0.5f);
    for (size_t i = 0; i < digit_scores.size(); ++i) {
      digit_scores[i] = *std::ranges::max_element(pixels.subspan(i * kImagePixels, kImagePixels));
    }
  }
};

TEST(ScoreFamilies, SetsDigitsAgainstEveryFamily) {
  const Scores digits = {256, 257};
  const auto scores = ScoreFamilies(GreatestPixelClassifier(), digits, 255);
  ASSERT_EQ(scores.size(), NonDigitFamilies().size());
  for (size_t i = 0; i < scores.size(); ++i) {
    EXPECT_EQ(scores[i].family, NonDigitFamilies()[i].name);
    EXPECT_EQ(scores[i].held_out, NonDigitFamilies()[i].held_out);
    EXPECT_EQ(scores[i].area, 1);
  }
  // Blurred noise is stretched to 255, uniform noise seldom gets there.
  EXPECT_EQ(scores[3].accepted, 1);
  EXPECT_LT(scores[1].accepted, 0.2);
}

TEST(ScoreFamilies, AcceptsNothingWithoutAThreshold) {
  for (const FamilyScore& score :
       ScoreFamilies(GreatestPixelClassifier(), Scores{-1}, std::nullopt)) {
    EXPECT_EQ(score.area, 0) << score.family;
    EXPECT_FALSE(score.accepted.has_value());
  }
}

std::vector<FamilyScore> TwoFamilies() {
  return {{"stripes", false, 0.9, 0.1}, {"checks", true, 0.7, 0.3}};
}

TEST(FamilyTable, MarksWhatIsHeldOutAndGivesMeans) {
  const std::string table = FamilyTable(TwoFamilies());
  EXPECT_THAT(table, ContainsRegex("stripes  +0\\.9000 +10\\.0 %\n"));
  EXPECT_THAT(table, ContainsRegex("checks \\* +0\\.7000 +30\\.0 %\n"));
  EXPECT_THAT(table, ContainsRegex("mean  +0\\.8000 +20\\.0 %\n"));
  EXPECT_THAT(table, ContainsRegex("held out. +0\\.7000 +30\\.0 %\n"));
  EXPECT_THAT(table, ContainsRegex("the others +0\\.9000 +10\\.0 %\n"));
}

TEST(FamilyTable, SaysNothingOfAThresholdThatThereIsNot) {
  std::vector<FamilyScore> scores = TwoFamilies();
  for (FamilyScore& score : scores) score.accepted.reset();
  EXPECT_THAT(FamilyTable(scores), AllOf(Not(HasSubstr("%")), Not(HasSubstr("taken"))));
}

TEST(FamilyJson, HasAnObjectAFamily) {
  const auto json = nlohmann::json::parse(FamilyJson(TwoFamilies()));
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[1]["family"], "checks");
  EXPECT_EQ(json[1]["held_out"], true);
  EXPECT_EQ(json[1]["auc"], 0.7);
  EXPECT_EQ(json[1]["accepted"], 0.3);
}

}  // namespace
}  // namespace digits
