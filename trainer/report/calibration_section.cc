#include <fmt/format.h>

#include "trainer/report/numbers.h"
#include "trainer/report/reliability_chart.h"
#include "trainer/report/sections.h"

namespace digits {
namespace {

Html Row(size_t index, const ReliabilityBin& bin) {
  const auto edge = [](size_t i) {
    return 100 * static_cast<double>(i) / static_cast<double>(kReliabilityBins);
  };
  const bool empty = bin.images == 0;
  return Element("tr",
                 RowHeading(fmt::format("{:.1f}–{:.1f}\u00a0%", edge(index), edge(index + 1))) +
                     NumberCell(Count(static_cast<int64_t>(bin.images))) +
                     NumberCell(empty ? "–" : Percent(bin.confidence)) +
                     NumberCell(empty ? "–" : Percent(bin.accuracy)));
}

}  // namespace

Html CalibrationSection(const Reliability& reliability) {
  Html head;
  for (const char* const name : {"Confidence", "Images", "Mean confidence", "Right"}) {
    head += ColumnHeading(name);
  }
  Html rows;
  for (size_t i = 0; i < kReliabilityBins; ++i) rows += Row(i, reliability[i]);
  const Html table = Element("table", {{"id", "reliability"}},
                             Element("thead", Element("tr", head)) + Element("tbody", rows));
  const std::string summary = fmt::format(
      "Where confidence is to be believed, columns end at their marks, on the dashed line: of the "
      "answers given with 90\u00a0%, nine in ten are right. A column of few images, counted "
      "beneath "
      "it, says little. Over all images, confidence is off by {} on average (expected calibration "
      "error, {} bins).",
      Percent(ExpectedCalibrationError(reliability)), kReliabilityBins);
  return Section("calibration", "Whether its confidence is to be believed",
                 Element("p", {{"class", "note"}}, Html::Text(summary)) +
                     Element("div", {{"class", "pair"}},
                             Draw(reliability) + Scrolling("Every bin in figures", table)));
}

}  // namespace digits
