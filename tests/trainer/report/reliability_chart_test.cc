#include "trainer/report/reliability_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/trainer/report/markup.h"

namespace digits {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> HeightsOf(const std::string& markup, const std::string& style) {
  const auto tags = ReadMarkup(markup);
  if (!tags) return {"broken"};
  std::vector<std::string> heights;
  for (const Tag& tag : *tags) {
    if (tag.name == "rect" && tag.attributes.at("class") == style) {
      heights.push_back(tag.attributes.at("height"));
    }
  }
  return heights;
}

TEST(ReliabilityChartTest, HasAColumnForEachBinThatHasImages) {
  Reliability reliability;
  reliability[8] = {.images = 500, .confidence = 0.55, .accuracy = 0.25};
  reliability[14] = {.images = 2'000, .confidence = 0.97, .accuracy = 1};
  const std::string markup = Draw(reliability).markup();
  EXPECT_THAT(HeightsOf(markup, "column"), ElementsAre("85.00", "340.00")) << "of 340";
  EXPECT_THAT(HeightsOf(markup, "count"), ElementsAre("12.00", "48.00")) << "of 48";
  EXPECT_THAT(markup, HasSubstr("x=\"399.00\" y=\"377.00\" text-anchor=\"end\">2,000</text>"))
      << "the scale of the counts, above its column";
  EXPECT_THAT(markup, Not(HasSubstr(">500</text>")));
  // (500 x 0.3 + 2,000 x 0.03) / 2,500
  EXPECT_THAT(markup, HasSubstr("role=\"img\" aria-label=\"Reliability diagram."));
  EXPECT_THAT(markup, HasSubstr("the expected calibration error is 8.40\u00a0%"));
}

}  // namespace
}  // namespace digits
