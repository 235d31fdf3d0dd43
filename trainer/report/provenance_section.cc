#include "trainer/report/sections.h"

namespace digits {

Html ProvenanceSection(const Network& network, const DataSet& data) {
  Html recipe;
  Html rows;
  for (const auto& [key, value] : network.provenance) {
    if (key == "recipe") {
      recipe = Element("p", {{"class", "note"}},
                       Html::Text("The recipe, every flag spelt out but the output:")) +
               Element("pre", {{"tabindex", "0"}}, Element("code", value));
    } else {
      rows += Element("tr", RowHeading(key) + Element("td", value));
    }
  }
  Html content = recipe;
  if (network.provenance.empty()) {
    content = Element("p", "The weights file does not say.");
  } else if (!rows.markup().empty()) {
    content += Scrolling("What the weights file says of its origin",
                         Element("table", {{"class", "facts"}}, Element("tbody", rows)));
  }
  const Html scored =
      Element("tr", RowHeading("data") + Element("td", data.name)) +
      Element("tr", RowHeading("data_sha256") + Element("td", Element("code", Sha256(data))));
  return Section("provenance", "Where it came from",
                 content + Element("h3", "What it was scored on") +
                     Element("table", {{"class", "facts"}}, Element("tbody", scored)));
}

}  // namespace digits
