#include "trainer/training/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace digits {
namespace {

std::vector<uint64_t> Draws(uint64_t seed, RandomStream stream) {
  Random random(seed, stream);
  std::vector<uint64_t> draws;
  for (int i = 0; i < 4; ++i) draws.push_back(random.Below(1'000'000));
  return draws;
}

TEST(RandomTest, SeedsAndStreamsHaveSequencesOfTheirOwn) {
  const std::vector<uint64_t> draws = Draws(1, RandomStream::kShuffle);
  EXPECT_EQ(Draws(1, RandomStream::kShuffle), draws);
  EXPECT_NE(Draws(2, RandomStream::kShuffle), draws);
  EXPECT_NE(Draws(1 + (uint64_t{1} << 32), RandomStream::kShuffle), draws);
  EXPECT_NE(Draws(1, RandomStream::kInitialWeights), draws);
}

TEST(RandomTest, ARestoredSequenceGoesOn) {
  Random random(1, RandomStream::kShuffle);
  for (int i = 0; i < 1'000; ++i) random.Below(10);
  Random other(2, RandomStream::kShuffle);
  ASSERT_TRUE(other.Restore(random.Save()));
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(other.Below(1'000'000), random.Below(1'000'000));
  EXPECT_FALSE(other.Restore("12 monkeys"));
}

TEST(RandomTest, BoundedDrawsAreEquallyOftenEachNumber) {
  Random random(1, RandomStream::kShuffle);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts.at(random.Below(7));
  // Four standard deviations of a binomial count.
  EXPECT_THAT(counts, testing::Each(testing::AllOf(testing::Ge(9'630), testing::Le(10'370))));
}

TEST(RandomTest, UniformNumbersFillTheirRange) {
  Random random(1, RandomStream::kInitialWeights);
  std::vector<float> draws(10'000);
  for (float& draw : draws) draw = random.Uniform(-0.5f, 1.5f);
  EXPECT_THAT(draws, testing::Each(testing::AllOf(testing::Ge(-0.5f), testing::Le(1.5f))));
  const auto [least, greatest] = std::ranges::minmax(draws);
  EXPECT_LT(least, -0.49f);
  EXPECT_GT(greatest, 1.49f);
  EXPECT_NEAR(std::accumulate(draws.begin(), draws.end(), 0.0) / 10'000, 0.5, 0.025);
}

TEST(RandomTest, ShufflesIntoEveryOrderEquallyOften) {
  Random random(1, RandomStream::kShuffle);
  std::array<int, 9> counts{};  // by first and second value
  for (int i = 0; i < 6'000; ++i) {
    std::array<uint32_t, 3> values = {0, 1, 2};
    random.Shuffle(values);
    EXPECT_THAT(values, testing::UnorderedElementsAre(0, 1, 2));
    ++counts.at(values[0] * 3 + values[1]);
  }
  for (const size_t order : {1u, 2u, 3u, 5u, 6u, 7u}) EXPECT_NEAR(counts.at(order), 1'000, 120);
}

}  // namespace
}  // namespace digits
