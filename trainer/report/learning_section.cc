#include <fmt/format.h>

#include <utility>

#include "trainer/report/line_chart.h"
#include "trainer/report/numbers.h"
#include "trainer/report/sections.h"

namespace digits {
namespace {

Line TrainingLine(std::span<const EpochRecord> history, double Measures::*figure, double scale) {
  Line line = {"training", {}, LineStyle::kSolid};
  for (const EpochRecord& record : history) {
    line.points.push_back({static_cast<double>(record.epoch), scale * record.train.*figure});
  }
  return line;
}

// Without points where no epoch was validated.
Line ValidationLine(std::span<const EpochRecord> history, double Measures::*figure, double scale) {
  Line line = {"validation", {}, LineStyle::kDashed};
  for (const EpochRecord& record : history) {
    if (!record.validation) continue;
    line.points.push_back({static_cast<double>(record.epoch), scale * *record.validation.*figure});
  }
  return line;
}

Html Chart(const std::string& title, size_t epochs, std::vector<Line> lines) {
  return Draw({title,
               fmt::format("{} over {} epochs; the table below has the figures.", title, epochs),
               "epoch", std::move(lines)});
}

// Both in one chart.
Html Curves(std::span<const EpochRecord> history, const std::string& title,
            double Measures::*figure, double scale) {
  std::vector<Line> lines = {TrainingLine(history, figure, scale)};
  if (Line line = ValidationLine(history, figure, scale); !line.points.empty()) {
    lines.push_back(std::move(line));
  }
  return Chart(title, history.size(), std::move(lines));
}

// A chart for each where the training loss is that of soft targets, or of images that are much
// harder: in one with it the validation loss would lie flat on the axis.
Html LossCurves(std::span<const EpochRecord> history) {
  constexpr double kOfAnotherScale = 3;
  const EpochRecord& last = history.back();
  if (!last.validation || last.train.loss < kOfAnotherScale * last.validation->loss) {
    return Curves(history, "Loss", &Measures::loss, 1);
  }
  return Chart("Training loss", history.size(), {TrainingLine(history, &Measures::loss, 1)}) +
         Chart("Validation loss", history.size(), {ValidationLine(history, &Measures::loss, 1)});
}

// " The least validation loss, 0.2298, is that of epoch 8."; nothing without validation.
std::string LeastValidationLoss(std::span<const EpochRecord> history) {
  const EpochRecord* least = nullptr;
  for (const EpochRecord& record : history) {
    if (!record.validation) continue;
    if (least == nullptr || record.validation->loss < least->validation->loss) least = &record;
  }
  if (least == nullptr) return "";
  return fmt::format(" The least validation loss, {:.4f}, is that of epoch {}.",
                     least->validation->loss, least->epoch);
}

Html Row(const EpochRecord& record) {
  Html cells = RowHeading(fmt::format("{}", record.epoch));
  cells += NumberCell(fmt::format("{:.2f}", record.seconds));
  cells += NumberCell(fmt::format("{:.4f}", record.train.loss));
  cells += NumberCell(Percent(record.train.accuracy));
  const auto& validation = record.validation;
  cells += NumberCell(validation ? fmt::format("{:.4f}", validation->loss) : "");
  cells += NumberCell(validation ? Percent(validation->accuracy) : "");
  return Element("tr", cells);
}

}  // namespace

Html LearningSection(std::span<const EpochRecord> history) {
  constexpr std::string_view kTitle = "How it learned";
  if (history.empty()) {
    return Section("learning", kTitle,
                   Element("p",
                           "There is no history of its epochs here. digits-trainer fit writes "
                           "one beside the weights, as .history.csv."));
  }
  Html head;
  for (const char* const name :
       {"Epoch", "Seconds", "Loss", "Accuracy", "Validation loss", "Validation accuracy"}) {
    head += ColumnHeading(name);
  }
  Html rows;
  for (const EpochRecord& record : history) rows += Row(record);
  const Html table =
      Element("table", Element("thead", Element("tr", head)) + Element("tbody", rows));
  return Section(
      "learning", kTitle,
      Element("div", {{"class", "pair"}},
              LossCurves(history) + Curves(history, "Accuracy, %", &Measures::accuracy, 100)) +
          Element("p", {{"class", "note"}},
                  Html::Text("Training figures are those of each batch as it was trained. "
                             "Validation figures are of the images kept out; where none were, of "
                             "the data's test part." +
                             LeastValidationLoss(history))) +
          Element("details", Element("summary", "Every epoch in figures") +
                                 Scrolling("Every epoch in figures", table)));
}

}  // namespace digits
