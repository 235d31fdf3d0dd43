#include "trainer/report/sections.h"

namespace digits {
namespace {

bool IsHash(std::string_view key) { return key.ends_with("sha256"); }

Html Fact(std::string_view key, const std::string& value) {
  return Element("tr", RowHeading(key) +
                           Element("td", IsHash(key) ? Element("code", value) : Html::Text(value)));
}

}  // namespace

Html ProvenanceSection(const Network& network, const ScoredOn& scored_on) {
  Html recipe;
  Html rows;
  for (const auto& [key, value] : network.provenance) {
    if (key == "recipe") {
      recipe =
          Element("p", {{"class", "note"}},
                  Html::Text("The command that makes it again, every flag spelt out but where the "
                             "result goes:")) +
          Element("pre", {{"tabindex", "0"}}, Element("code", value));
    } else {
      rows += Fact(key, value);
    }
  }
  Html content = recipe;
  if (network.provenance.empty()) {
    content = Element("p", "The weights file does not say.");
  } else if (!rows.markup().empty()) {
    content += Scrolling("What the weights file says of its origin",
                         Element("table", {{"class", "facts"}}, Element("tbody", rows)));
  }
  Html scored = Fact("data", scored_on.data.name);
  scored += Fact("part", scored_on.split == Split::kTest ? "test, where the data has two"
                                                         : "training, where the data has two");
  scored += Fact("data_sha256", scored_on.sha256);
  if (scored_on.fitted_to) scored += Fact("seen before", "these are the images it was fitted to");
  return Section("provenance", "Where it came from",
                 content + Element("h3", "What it was scored on") +
                     Scrolling("What it was scored on",
                               Element("table", {{"class", "facts"}}, Element("tbody", scored))));
}

}  // namespace digits
