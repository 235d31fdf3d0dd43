// Figures over epochs, as SVG.
#ifndef DIGITS_TRAINER_REPORT_LINE_CHART_H_
#define DIGITS_TRAINER_REPORT_LINE_CHART_H_

#include <string>
#include <string_view>
#include <vector>

#include "trainer/report/html.h"

namespace digits {

struct Point {
  double x;
  double y;
};

enum class LineStyle { kSolid, kDashed };

struct Line {
  std::string name;
  std::vector<Point> points;  // finite, x ascending
  LineStyle style = LineStyle::kSolid;
};

struct LineChart {
  std::string title;
  std::string description;  // for those who do not see it
  std::string x_title;      // x counts something whole
  std::vector<Line> lines;  // one or two, with at least one point in all
};

// A figure with a legend. Points have dots where there are few of them.
Html Draw(const LineChart& chart);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_LINE_CHART_H_
