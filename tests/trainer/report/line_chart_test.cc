#include "trainer/report/line_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/trainer/report/markup.h"

namespace digits {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> Polylines(const std::string& markup) {
  const auto tags = ReadMarkup(markup);
  if (!tags) return {"broken"};
  std::vector<std::string> polylines;
  for (const Tag& tag : *tags) {
    if (tag.name == "polyline") polylines.push_back(tag.attributes.at("points"));
  }
  return polylines;
}

// The field between the axes goes from x = 48 to 424 and from y = 226 at the bottom to 12.
TEST(LineChartTest, DrawsEachLineFromItsFirstPointToItsLast) {
  const LineChart chart = {
      "Loss",
      "Loss over 3 epochs",
      "epoch",
      {{"training", {{1, 10}, {2, 5}, {3, 0}}}, {"validation", {{2, 10}}, LineStyle::kDashed}}};
  const std::string markup = Draw(chart).markup();
  EXPECT_THAT(Polylines(markup),
              ElementsAre("48.00,12.00 236.00,119.00 424.00,226.00", "236.00,12.00"));
  EXPECT_THAT(markup, HasSubstr("aria-label=\"Loss over 3 epochs\""));
  EXPECT_THAT(markup, HasSubstr("<span class=\"key dashed\">validation"));
  EXPECT_THAT(markup, HasSubstr("<polyline class=\"dashed\" points=\"236.00,12.00\""));
}

TEST(LineChartTest, AnAxisBeginsWithTheFirstEpoch) {
  const LineChart chart = {"Loss", "", "epoch", {{"training", {{1, 0}, {100, 1}}}}};
  EXPECT_THAT(Polylines(Draw(chart).markup()), ElementsAre("48.00,226.00 424.00,12.00"));
}

TEST(LineChartTest, OneEpochIsADot) {
  const LineChart chart = {"Loss", "", "epoch", {{"training", {{1, 0.5}}}}};
  const std::string markup = Draw(chart).markup();
  EXPECT_THAT(markup, HasSubstr("<circle"));
  EXPECT_THAT(markup, Not(HasSubstr("nan")));
}

TEST(LineChartTest, ManyEpochsAreALineAlone) {
  LineChart chart = {"Loss", "", "epoch", {{"training", {}}}};
  for (int i = 1; i <= 400; ++i) chart.lines[0].points.push_back({1.0 * i, 1.0 / i});
  EXPECT_THAT(Draw(chart).markup(), Not(HasSubstr("<circle")));
}

TEST(LineChartTest, EscapesItsTexts) {
  const LineChart chart = {"<a>", "\"", "<b>", {{"<c>", {{1, 1}}}}};
  const std::string markup = Draw(chart).markup();
  EXPECT_TRUE(ReadMarkup(markup)) << markup;
  EXPECT_THAT(markup, HasSubstr("&lt;a&gt;"));
}

}  // namespace
}  // namespace digits
