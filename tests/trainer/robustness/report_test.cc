#include "trainer/robustness/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace digits {
namespace {

Robustness Scores() {
  using enum PerturbationKind;
  Robustness robustness;
  robustness.images = 1000;
  robustness.clean_error = 0.021;
  robustness.scores = {{{kShift, 1}, 0.03},       {{kShift, 2}, 0.1},      {{kShift, 3}, 0.5},
                       {{kSmaller, 0.85}, 0.025}, {{kSmaller, 0.7}, 0.04}, {{kInverted, 1}, 1}};
  return robustness;
}

TEST(RobustnessTable, HasARowForEachKind) {
  EXPECT_EQ(RobustnessTable(Scores()),
            "images     1000\n"
            "\n"
            "error %                                     severity: error     mean\n"
            "as they are                                                     2.10\n"
            "shift             1:   3.00       2:  10.00       3:  50.00    21.00  pixels\n"
            "smaller        0.85:   2.50     0.7:   4.00                     3.25  times the size\n"
            "inverted             100.00                                   100.00\n"
            "mean                                                           28.25  of 6 "
            "perturbations\n");
}

TEST(RobustnessJson, HoldsEveryScore) {
  const auto json = nlohmann::json::parse(RobustnessJson(Scores(), "mnist", "abc"));
  EXPECT_EQ(json["data"], "mnist");
  EXPECT_EQ(json["weights_sha256"], "abc");
  EXPECT_EQ(json["images"], 1000);
  EXPECT_EQ(json["clean_error"], 0.021);
  EXPECT_NEAR(json["mean_error"].get<double>(), 0.2825, 1e-12);
  ASSERT_EQ(json["perturbations"].size(), 6u);
  EXPECT_EQ(
      json["perturbations"][3],
      nlohmann::json(
          {{"kind", "smaller"}, {"severity", 0.85}, {"unit", "times the size"}, {"error", 0.025}}));
}

TEST(RobustnessJson, TakesANameThatIsNotUtf8) {
  EXPECT_TRUE(nlohmann::json::accept(RobustnessJson(Scores(), "mni\xffst", "abc")));
}

}  // namespace
}  // namespace digits
