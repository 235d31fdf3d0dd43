#include <fmt/format.h>

#include "trainer/report/line_chart.h"
#include "trainer/report/numbers.h"
#include "trainer/report/sections.h"

namespace digits {
namespace {

Html Curves(std::span<const EpochRecord> history, const std::string& title,
            double Measures::*figure, double scale) {
  Line train = {"training", {}};
  Line validation = {"validation", {}};
  for (const EpochRecord& record : history) {
    const auto epoch = static_cast<double>(record.epoch);
    train.points.push_back({epoch, scale * record.train.*figure});
    if (record.validation) validation.points.push_back({epoch, scale * *record.validation.*figure});
  }
  LineChart chart = {
      title,
      fmt::format("{} over {} epochs; the table below has the figures.", title, history.size()),
      "epoch",
      {train}};
  if (!validation.points.empty()) chart.lines.push_back(validation);
  return Draw(chart);
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
              Curves(history, "Loss", &Measures::loss, 1) +
                  Curves(history, "Accuracy, %", &Measures::accuracy, 100)) +
          Element("p", {{"class", "note"}},
                  Html::Text("Training figures are those of each batch as it was trained. "
                             "Validation figures are of the images kept out; where none were, of "
                             "the data's test part." +
                             LeastValidationLoss(history))) +
          Element("details", Element("summary", "Every epoch in figures") +
                                 Scrolling("Every epoch in figures", table)));
}

}  // namespace digits
