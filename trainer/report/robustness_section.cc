#include <fmt/format.h>

#include <algorithm>

#include "trainer/report/numbers.h"
#include "trainer/report/sections.h"

namespace digits {
namespace {

// The scores of one kind, beginning with the first.
std::span<const PerturbationScore> SameKind(std::span<const PerturbationScore> scores) {
  size_t count = 1;
  while (count < scores.size() && scores[count].perturbation.kind == scores[0].perturbation.kind) {
    ++count;
  }
  return scores.first(count);
}

// A cell for each of `columns`; those that the kind has no severity for stay empty, the mild first.
Html Row(std::span<const PerturbationScore> scores, size_t columns) {
  const PerturbationKind kind = scores[0].perturbation.kind;
  const std::string_view unit = SeverityUnit(kind);
  Html cells =
      RowHeading(PerturbationName(kind)) + Element("td", {{"class", "quiet"}}, Html::Text(unit));
  for (size_t i = scores.size(); i < columns; ++i) cells += NumberCell("");
  double sum = 0;
  for (const auto& [perturbation, error, calibration_error] : scores) {
    sum += error;
    const std::string severity =
        scores.size() > 1 ? fmt::format("at {}: ", perturbation.severity) : "";
    cells += MistakesCell(
        Element("span", {{"class", "quiet"}}, Html::Text(severity)) + Html::Text(Percent(error)),
        error);
  }
  return Element("tr", cells + NumberCell(Percent(sum / static_cast<double>(scores.size()))));
}

}  // namespace

Html RobustnessSection(const Robustness* robustness) {
  if (robustness == nullptr) return Html();
  std::vector<std::span<const PerturbationScore>> kinds;
  std::span<const PerturbationScore> rest = robustness->scores;
  size_t columns = 0;
  while (!rest.empty()) {
    kinds.push_back(SameKind(rest));
    columns = std::max(columns, kinds.back().size());
    rest = rest.subspan(kinds.back().size());
  }
  Html head = ColumnHeading("Error after") +
              Element("th", {{"scope", "col"}, {"class", "words"}}, Html::Text("counted in"));
  for (size_t i = 0; i < columns; ++i) {
    head += ColumnHeading(i == 0 ? "mild" : i + 1 == columns ? "strong" : "medium");
  }
  head += ColumnHeading("mean");
  Html rows;
  for (const auto& kind : kinds) rows += Row(kind, columns);
  const std::string summary = fmt::format(
      "Of {} images as they are, {} are read wrongly; of the same images after each of {} "
      "perturbations, {} on average.",
      Count(static_cast<int64_t>(robustness->images)), Percent(robustness->clean_error),
      robustness->scores.size(), Percent(robustness->mean_error()));
  return Section(
      "robustness", "When digits are less neat",
      Element("p", {{"class", "note"}}, Html::Text(summary)) +
          Scrolling("Errors on perturbed images",
                    Element("table", {{"id", "robustness-table"}},
                            Element("thead", Element("tr", head)) + Element("tbody", rows))));
}

}  // namespace digits
