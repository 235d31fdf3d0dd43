#include <fmt/format.h>

#include "trainer/report/sections.h"

namespace digits {

Html Section(std::string_view id, std::string_view title, const Html& content) {
  const std::string heading = std::string(id) + "-heading";
  return Element("section", {{"id", std::string(id)}, {"aria-labelledby", heading}},
                 Element("h2", {{"id", heading}}, Html::Text(title)) + content);
}

Html Scrolling(std::string_view label, const Html& table) {
  // With a place in the order of the tab key, so that a keyboard scrolls it too.
  return Element("div",
                 {{"class", "scroll"},
                  {"role", "region"},
                  {"tabindex", "0"},
                  {"aria-label", std::string(label)}},
                 table);
}

Html ColumnHeading(std::string_view text) {
  return Element("th", {{"scope", "col"}}, Html::Text(text));
}

Html RowHeading(std::string_view text) {
  return Element("th", {{"scope", "row"}}, Html::Text(text));
}

Html NumberCell(std::string_view text) { return Element("td", {{"class", "n"}}, Html::Text(text)); }

Html MistakesCell(const Html& content, double share) {
  const double shade = 0.06 + 0.44 * share;
  return Element("td", {{"class", "n wrong"}, {"style", fmt::format("--shade:{:.2f}", shade)}},
                 content);
}

}  // namespace digits
