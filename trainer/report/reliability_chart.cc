#include "trainer/report/reliability_chart.h"

#include <fmt/format.h>

#include <algorithm>

#include "trainer/report/numbers.h"
#include "trainer/report/svg.h"

namespace digits {
namespace {

constexpr double kSideLeft = 60;
constexpr double kSideTop = 12;
constexpr double kSide = 340;                        // of the square from 0 to 1
constexpr double kStripTop = kSideTop + kSide + 30;  // of the columns of counts
constexpr double kStripHeight = 48;
constexpr double kChartWidth = kSideLeft + kSide + 24;
constexpr double kChartHeight = kStripTop + kStripHeight + 46;
constexpr double kBinWidth = kSide / kReliabilityBins;

double X(double confidence) { return kSideLeft + confidence * kSide; }
double Y(double accuracy) { return kSideTop + (1 - accuracy) * kSide; }

Html Scales() {
  Html scales;
  for (int percent = 0; percent <= 100; percent += 20) {
    const std::string label = fmt::format("{}", percent);
    const double y = Y(percent / 100.0);
    scales += SvgLine(kSideLeft, y, kSideLeft + kSide, y, "grid");
    scales += SvgText(kSideLeft - 8, y + 4, Anchor::kEnd, label);
    scales += SvgText(X(percent / 100.0), kStripTop + kStripHeight + 18, Anchor::kMiddle, label);
  }
  scales += SvgText(kSideLeft - 8, kStripTop + kStripHeight, Anchor::kEnd, "images");
  return scales +
         SvgText(kSideLeft + kSide / 2, kChartHeight - 6, Anchor::kMiddle, "confidence, %");
}

}  // namespace

Html Draw(const Reliability& reliability) {
  size_t most = 1;
  for (const ReliabilityBin& bin : reliability) most = std::max(most, bin.images);
  Html columns;
  bool labelled = false;
  Html marks;
  for (size_t i = 0; i < kReliabilityBins; ++i) {
    const ReliabilityBin& bin = reliability[i];
    if (bin.images == 0) continue;
    const double left = kSideLeft + static_cast<double>(i) * kBinWidth + 1;
    const double width = kBinWidth - 2;
    columns += SvgRectangle(left, Y(bin.accuracy), width, bin.accuracy * kSide, "column");
    const double height =
        kStripHeight * static_cast<double>(bin.images) / static_cast<double>(most);
    const double top = kStripTop + kStripHeight - height;
    columns += SvgRectangle(left, top, width, height, "count");
    if (bin.images == most && height > 0 && !labelled) {
      // Its count is the scale of the others.
      columns += SvgText(left + width, top - 5, Anchor::kEnd, Count(static_cast<int64_t>(most)));
      labelled = true;
    }
    marks += SvgLine(left, Y(bin.confidence), left + width, Y(bin.confidence), "mark");
  }
  const Html drawing =
      Svg(kChartWidth, kChartHeight,
          fmt::format("Reliability diagram. Accuracy by confidence in {} bins; the expected "
                      "calibration error is {}. The table beside it has the figures.",
                      kReliabilityBins, Percent(ExpectedCalibrationError(reliability))),
          Scales() + columns + SvgLine(X(0), Y(0), X(1), Y(1), "ideal") + marks);
  const Html legend =
      Element("strong", "Accuracy, %") +
      Element("span", {{"class", "key column"}}, Html::Text("share that is right")) +
      Element("span", {{"class", "key mark"}}, Html::Text("mean confidence"));
  return Element("figure", {{"class", "chart"}}, Element("figcaption", legend) + drawing);
}

}  // namespace digits
