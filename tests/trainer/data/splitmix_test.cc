#include "trainer/data/splitmix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

namespace digits {
namespace {

TEST(SplitMixTest, GivesThePublishedNumbers) {
  // As Vigna's splitmix64.c prints them for the seed 1234567.
  SplitMix random(1234567);
  for (const uint64_t expected : {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                  4593380528125082431u, 16408922859458223821u}) {
    EXPECT_EQ(random.Next(), expected);
  }
}

TEST(SplitMixTest, PartsHaveSeedsOfTheirOwn) {
  std::set<uint64_t> seeds;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    for (uint64_t part = 0; part < 100; ++part) seeds.insert(SplitMix::PartSeed(seed, part));
  }
  EXPECT_EQ(seeds.size(), 10'000u);
}

TEST(SplitMixTest, UniformNumbersFillTheirRange) {
  SplitMix random(1);
  double least = 10, greatest = -10, sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double draw = random.Uniform(-1, 3);
    least = std::min(least, draw);
    greatest = std::max(greatest, draw);
    sum += draw;
  }
  EXPECT_GE(least, -1);
  EXPECT_LT(least, -0.99);
  EXPECT_LT(greatest, 3);
  EXPECT_GT(greatest, 2.99);
  EXPECT_NEAR(sum / 10'000, 1, 4 * 4 / std::sqrt(12 * 10'000));
}

TEST(SplitMixTest, BoundedDrawsAreEquallyOftenEachNumber) {
  SplitMix random(2);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts.at(random.Below(7));
  // Four standard deviations of a binomial count.
  EXPECT_THAT(counts, testing::Each(testing::AllOf(testing::Ge(9'630), testing::Le(10'370))));
}

TEST(SplitMixTest, NormalNumbersAreBellShaped) {
  SplitMix random(3);
  constexpr int kDraws = 100'000;
  double sum = 0, squares = 0;
  int within_one = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double draw = random.Normal();
    sum += draw;
    squares += draw * draw;
    within_one += std::abs(draw) < 1 ? 1 : 0;
  }
  EXPECT_NEAR(sum / kDraws, 0, 4 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 1, 4 * std::sqrt(2.0 / kDraws));
  EXPECT_NEAR(static_cast<double>(within_one) / kDraws, 0.683, 0.02);
}

}  // namespace
}  // namespace digits
