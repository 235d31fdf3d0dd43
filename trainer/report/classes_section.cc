#include <fmt/format.h>

#include <algorithm>
#include <functional>

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
  return MistakesCell(Html::Text(Count(count)),
                      static_cast<double>(count) / static_cast<double>(most));
}

struct Mistaken {
  size_t truth;
  size_t answer;
  int64_t count;
};

// What is taken for what, the most frequent first.
std::vector<Mistaken> MistakenPairs(const ConfusionMatrix& confusion, size_t classes) {
  std::vector<Mistaken> pairs;
  for (size_t truth = 0; truth < classes; ++truth) {
    for (size_t answer = 0; answer < classes; ++answer) {
      const int64_t count = confusion.count(truth, answer);
      if (truth != answer && count > 0) pairs.push_back({truth, answer, count});
    }
  }
  std::ranges::stable_sort(pairs, std::greater(), &Mistaken::count);
  return pairs;
}

// " Most often 9 is read as 4 (53 times), 5 as 3 (41), 7 as 2 (28)."; nothing without mistakes.
std::string MostOften(const std::vector<Mistaken>& pairs,
                      std::span<const std::string> class_names) {
  constexpr size_t kMost = 3;
  std::string text;
  for (size_t i = 0; i < std::min(pairs.size(), kMost); ++i) {
    const auto& [truth, answer, count] = pairs[i];
    const std::string times = i > 0 ? Count(count) : count == 1 ? "once" : Count(count) + " times";
    text += fmt::format("{} {} {} {} ({})", i == 0 ? " Most often" : ",", class_names[truth],
                        i == 0 ? "is read as" : "as", class_names[answer], times);
  }
  return text.empty() ? text : text + ".";
}

Html ConfusionTable(const ConfusionMatrix& confusion, std::span<const std::string> class_names,
                    int64_t most) {
  const size_t classes = class_names.size();
  const Html axes = Element("th", {{"scope", "col"}, {"rowspan", "2"}}, Html::Text("true class")) +
                    Element("th", {{"scope", "colgroup"}, {"colspan", fmt::format("{}", classes)}},
                            Html::Text("read as"));
  Html head;
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
                           Element("thead", Element("tr", axes) + Element("tr", head)) +
                               Element("tbody", rows)));
}

}  // namespace

Html ClassesSection(const ConfusionMatrix& confusion, std::span<const std::string> class_names) {
  const std::vector<Mistaken> pairs = MistakenPairs(confusion, class_names.size());
  return Section(
      "classes", "What is taken for what",
      Element("h3", "Confusion matrix") +
          Element("p", {{"class", "note"}},
                  Html::Text("A row for each true class, a column for each class that was read; "
                             "the diagonal is right." +
                             MostOften(pairs, class_names))) +
          ConfusionTable(confusion, class_names, pairs.empty() ? 0 : pairs.front().count) +
          Element("h3", "Precision and recall") +
          Element("p", {{"class", "note"}},
                  Html::Text("Precision: how much of what was read as this class is of it. Recall: "
                             "how much of this class was read as it.")) +
          ScoresTable(confusion, class_names));
}

}  // namespace digits
