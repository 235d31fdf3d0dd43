#include <fmt/format.h>

#include "trainer/report/numbers.h"
#include "trainer/report/picture.h"
#include "trainer/report/sections.h"

namespace digits {
namespace {

// "read 4  99.99 %"
Html Line(std::string_view verb, std::string_view class_name, float confidence) {
  return Element("span", {{"class", "reading"}},
                 Element("span", Html::Text(verb) + Html::Text(" ") + Element("b", class_name)) +
                     Html::Text(" ") +
                     Element("span", {{"class", "quiet"}},
                             Html::Text(Percent(static_cast<double>(confidence)))));
}

absl::StatusOr<Html> Mistake(size_t image, const Reading& reading, const DataSet& data,
                             std::span<const std::string> class_names) {
  const std::string& truth = class_names[reading.truth];
  const std::string& label = class_names[reading.label];
  const std::string source =
      data.sources.empty() ? fmt::format("image {}", image) : data.sources[image];
  const absl::StatusOr<Html> picture = ImagePicture(
      data.image(image), fmt::format("{}: {} that was read as {}", source, truth, label));
  if (!picture.ok()) return picture.status();
  return Element("figure",
                 *picture + Element("figcaption", Line("read", label, reading.confidence) +
                                                      Line("is", truth, reading.truth_confidence) +
                                                      Element("span", {{"class", "quiet source"}},
                                                              Html::Text(source))));
}

}  // namespace

absl::StatusOr<Html> MistakesSection(const std::vector<Reading>& readings, const DataSet& data,
                                     std::span<const std::string> class_names) {
  constexpr std::string_view kTitle = "The worst mistakes";
  const size_t all = WorstMistakes(readings, readings.size()).size();
  if (all == 0) {
    return Section("mistakes", kTitle, Element("p", "None: every image was read rightly."));
  }
  Html pictures;
  const std::vector<size_t> worst = WorstMistakes(readings, kMostMistakes);
  for (const size_t image : worst) {
    const absl::StatusOr<Html> mistake = Mistake(image, readings[image], data, class_names);
    if (!mistake.ok()) return mistake.status();
    pictures += *mistake;
  }
  const std::string note = fmt::format(
      "{} of {} wrong answers, the most confident first: what was read, what it is, the "
      "probability that it gave to each, and which image it is{}.",
      Count(static_cast<int64_t>(worst.size())), Count(static_cast<int64_t>(all)),
      data.sources.empty() ? ", counted from 0" : "");
  return Section("mistakes", kTitle,
                 Element("p", {{"class", "note"}}, Html::Text(note)) +
                     Element("div", {{"class", "pictures"}}, pictures));
}

}  // namespace digits
