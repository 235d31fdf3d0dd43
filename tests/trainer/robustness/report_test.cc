#include "trainer/robustness/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace digits {
namespace {

const std::vector<std::string> kOneFile = {"abc"};

Robustness Scores() {
  using enum PerturbationKind;
  Robustness robustness;
  robustness.images = 1000;
  robustness.clean_error = 0.021;
  robustness.clean_calibration_error = 0.0123;
  robustness.scores = {{{kShift, 1}, 0.03, 0.01},      {{kShift, 2}, 0.1, 0.02},
                       {{kShift, 3}, 0.5, 0.3},        {{kSmaller, 0.85}, 0.025, 0.004},
                       {{kSmaller, 0.7}, 0.04, 0.006}, {{kInverted, 1}, 1, 0.8}};
  return robustness;
}

TEST(RobustnessTable, HasARowForEachKind) {
  EXPECT_EQ(
      RobustnessTable(Scores()),
      "images     1000\n"
      "\n"
      "error %                                     severity: error     mean      ECE\n"
      "as they are                                                     2.10   0.0123\n"
      "shift             1:   3.00       2:  10.00       3:  50.00    21.00   0.1100  pixels\n"
      "smaller        0.85:   2.50     0.7:   4.00                     3.25   0.0050  times the "
      "size\n"
      "inverted             100.00                                   100.00   0.8000\n"
      "mean                                                           28.25   0.1900  of "
      "6 perturbations\n");
}

TEST(RobustnessJson, HoldsEveryScore) {
  const auto json = nlohmann::json::parse(RobustnessJson(Scores(), "mnist", kOneFile, "int8"));
  EXPECT_EQ(json["data"], "mnist");
  EXPECT_EQ(json["weights_sha256"], "abc");
  EXPECT_EQ(json["precision"], "int8");
  EXPECT_EQ(json["images"], 1000);
  EXPECT_EQ(json["clean_error"], 0.021);
  EXPECT_NEAR(json["mean_error"].get<double>(), 0.2825, 1e-12);
  EXPECT_EQ(json["clean_expected_calibration_error"], 0.0123);
  EXPECT_NEAR(json["mean_expected_calibration_error"].get<double>(), 0.19, 1e-12);
  ASSERT_EQ(json["perturbations"].size(), 6u);
  EXPECT_EQ(json["perturbations"][3], nlohmann::json({{"kind", "smaller"},
                                                      {"severity", 0.85},
                                                      {"unit", "times the size"},
                                                      {"error", 0.025},
                                                      {"expected_calibration_error", 0.004}}));
}

TEST(RobustnessJson, HoldsTheHashOfEveryFileOfACommittee) {
  const std::vector<std::string> files = {"abc", "def"};
  const auto json = nlohmann::json::parse(RobustnessJson(Scores(), "mnist", files, "f32"));
  EXPECT_EQ(json["weights_sha256"], nlohmann::json(files));
}

TEST(RobustnessJson, TakesANameThatIsNotUtf8) {
  EXPECT_TRUE(nlohmann::json::accept(RobustnessJson(Scores(), "mni\xffst", kOneFile, "f32")));
}

}  // namespace
}  // namespace digits
