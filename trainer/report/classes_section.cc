#include <fmt/format.h>

#include <algorithm>

#include "trainer/report/class_scores.h"
#include "trainer/report/numbers.h"
#include "trainer/report/sections.h"

namespace digits {
namespace {

Html ShareCell(const std::optional<double>& share) {
  return NumberCell(share ? Percent(*share) : "–");
}

Html ScoresTable(const ConfusionMatrix& confusion, std::span<const std::string> class_names) {
  Html head;
  for (const char* const name : {"Class", "Images", "Right", "Precision", "Recall"}) {
    head += ColumnHeading(name);
  }
  Html rows;
  const std::vector<ClassScore> scores = ScoreClasses(confusion, class_names.size());
  for (size_t i = 0; i < scores.size(); ++i) {
    const ClassScore& score = scores[i];
    rows += Element("tr", RowHeading(class_names[i]) + NumberCell(Count(score.images)) +
                              NumberCell(Count(score.right)) + ShareCell(score.precision) +
                              ShareCell(score.recall));
  }
  return Scrolling("Precision and recall of each class",
                   Element("table", {{"id", "scores"}},
                           Element("thead", Element("tr", head)) + Element("tbody", rows)));
}

// `most`: the greatest count of mistakes in the matrix, which has the strongest shade.
Html CountCell(int64_t count, bool right, int64_t most) {
  if (right) return Element("td", {{"class", "right"}}, Html::Text(Count(count)));
  if (count == 0) return Element("td", {{"class", "none"}}, Html::Text("·"));
  const double shade = 0.06 + 0.44 * static_cast<double>(count) / static_cast<double>(most);
  return Element("td", {{"class", "wrong"}, {"style", fmt::format("--shade:{:.2f}", shade)}},
                 Html::Text(Count(count)));
}

Html ConfusionTable(const ConfusionMatrix& confusion, std::span<const std::string> class_names) {
  const size_t classes = class_names.size();
  int64_t most = 0;
  for (size_t truth = 0; truth < classes; ++truth) {
    for (size_t answer = 0; answer < classes; ++answer) {
      if (truth != answer) most = std::max(most, confusion.count(truth, answer));
    }
  }
  Html head = ColumnHeading("true \\ read");
  for (const std::string& name : class_names) head += ColumnHeading(name);
  Html rows;
  for (size_t truth = 0; truth < classes; ++truth) {
    Html cells = RowHeading(class_names[truth]);
    for (size_t answer = 0; answer < classes; ++answer) {
      cells += CountCell(confusion.count(truth, answer), truth == answer, most);
    }
    rows += Element("tr", cells);
  }
  return Scrolling("Confusion matrix",
                   Element("table", {{"id", "confusion"}, {"class", "matrix"}},
                           Element("thead", Element("tr", head)) + Element("tbody", rows)));
}

}  // namespace

Html ClassesSection(const ConfusionMatrix& confusion, std::span<const std::string> class_names) {
  return Section(
      "classes", "What is taken for what",
      Element("h3", "Confusion matrix") +
          Element("p", {{"class", "note"}},
                  Html::Text("A row for each true class, a column for each class that was read; "
                             "the diagonal is right.")) +
          ConfusionTable(confusion, class_names) + Element("h3", "Precision and recall") +
          Element("p", {{"class", "note"}},
                  Html::Text("Precision: how much of what was read as this class is of it. Recall: "
                             "how much of this class was read as it.")) +
          ScoresTable(confusion, class_names));
}

}  // namespace digits
