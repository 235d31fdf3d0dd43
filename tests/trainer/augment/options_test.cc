#include "trainer/augment/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace digits {
namespace {

TEST(CheckAugmentOptions, TakesTheDefaultsAndTheEndsOfTheRanges) {
  EXPECT_TRUE(CheckAugmentOptions({}).ok());
  AugmentOptions most;
  most.rotation = 180;
  most.scale = 0.99;
  most.shear = 1;
  most.shift = 28;
  most.elastic_alpha = 1000;
  most.elastic_sigma_least = 1;
  most.elastic_sigma_greatest = 28;
  most.thickness = 1;
  most.contrast = 1;
  most.noise = 255;
  EXPECT_TRUE(CheckAugmentOptions(most).ok()) << CheckAugmentOptions(most);
}

TEST(CheckAugmentOptions, RefusesWhatIsImpossibleWithASentence) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const struct {
    double AugmentOptions::*option;
    double value;
    std::string message;
  } kCases[] = {
      {&AugmentOptions::rotation, -1, "the rotation is up to -1 degrees; 0 to 180 are possible"},
      {&AugmentOptions::rotation, 181, "181 degrees"},
      {&AugmentOptions::rotation, kNaN, "nan degrees"},
      {&AugmentOptions::scale, 1, "the scale varies by 1; it must be at least 0 and less than 1"},
      {&AugmentOptions::scale, kNaN, "nan"},
      {&AugmentOptions::shear, 1.5, "the shear is up to 1.5"},
      {&AugmentOptions::shift, -0.5, "the shift is up to -0.5 pixels"},
      {&AugmentOptions::shift, 29, "0 to 28"},
      {&AugmentOptions::elastic_alpha, -36, "alpha is -36 pixels"},
      {&AugmentOptions::elastic_alpha, kInfinity, "alpha is inf pixels"},
      {&AugmentOptions::elastic_sigma_least, 0.5, "sigma is 0.5 pixels; 1 to 28"},
      {&AugmentOptions::elastic_sigma_greatest, 29, "sigma is 29 pixels"},
      {&AugmentOptions::elastic_sigma_least, 7, "from 7 to 6 pixels; the least comes first"},
      {&AugmentOptions::thickness, 1.1, "up to 1.1 pixels thicker"},
      {&AugmentOptions::soiled, -0.1, "the share of soiled images is -0.1; 0 to 1 are possible"},
      {&AugmentOptions::contrast, 1.1, "the contrast varies by 1.1; 0 to 1 are possible"},
      {&AugmentOptions::noise, 256, "the noise is up to 256 grey levels"}};
  for (const auto& [option, value, message] : kCases) {
    AugmentOptions options;
    options.*option = value;
    const absl::Status status = CheckAugmentOptions(options);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << message;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(message));
  }
}

}  // namespace
}  // namespace digits
