#include "trainer/calibration/reliability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace digits {
namespace {

TEST(Reliability, CountsWhatAHandCounts) {
  // Confidences .77 right, .78 wrong, .79 right: bin 11, (11/15, 12/15], holds them all.
  // .5 right: bin 7, (7/15, 8/15]. 1 wrong: bin 14.
  const std::vector<float> probabilities = {
      .77f, .13f, .10f,  // answers 0
      .11f, .78f, .11f,  // answers 1
      .11f, .10f, .79f,  // answers 2
      .25f, .50f, .25f,  // answers 1
      .00f, .00f, 1.0f,  // answers 2
  };
  const std::vector<uint8_t> labels = {0, 0, 2, 1, 1};
  const Reliability bins = MeasureReliability(probabilities, labels);
  EXPECT_EQ(bins[11].images, 3u);
  EXPECT_NEAR(bins[11].confidence, .78, 1e-6);
  EXPECT_NEAR(bins[11].accuracy, 2.0 / 3, 1e-9);
  EXPECT_EQ(bins[7].images, 1u);
  EXPECT_NEAR(bins[7].confidence, .5, 1e-6);
  EXPECT_NEAR(bins[7].accuracy, 1, 1e-9);
  EXPECT_EQ(bins[14].images, 1u);
  EXPECT_NEAR(bins[14].accuracy, 0, 1e-9);
  // (3 |2/3 - .78| + |1 - .5| + |0 - 1|) / 5 = (.34 + .5 + 1) / 5
  EXPECT_NEAR(ExpectedCalibrationError(bins), 0.368, 1e-6);
}

TEST(Reliability, IsZeroForWhatIsAsOftenRightAsItSays) {
  std::vector<float> probabilities;
  std::vector<uint8_t> labels;
  for (int i = 0; i < 10; ++i) {
    probabilities.insert(probabilities.end(), {0.7f, 0.3f});
    labels.push_back(i < 7 ? 0 : 1);
  }
  EXPECT_NEAR(ExpectedCalibrationError(MeasureReliability(probabilities, labels)), 0, 1e-7);
}

TEST(Reliability, AnswersEqualProbabilitiesWithTheFirstClass) {
  const std::vector<float> probabilities = {.5f, .5f, .5f, .5f};
  const std::vector<uint8_t> labels = {0, 1};
  EXPECT_NEAR(MeasureReliability(probabilities, labels)[7].accuracy, 0.5, 1e-9);
}

TEST(Reliability, OfNothingIsZero) {
  EXPECT_EQ(ExpectedCalibrationError(MeasureReliability({}, {})), 0);
}

}  // namespace
}  // namespace digits
