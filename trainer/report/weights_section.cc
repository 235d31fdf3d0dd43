#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "trainer/report/numbers.h"
#include "trainer/report/picture.h"
#include "trainer/report/sections.h"

namespace digits {
namespace {

// Weights further from 0 than this share of them are drawn alike, so that a few great ones do not
// pale the rest.
constexpr double kWithinScale = 0.995;

float ScaleOf(std::span<const float> weights) {
  std::vector<float> magnitudes;
  for (const float weight : weights) magnitudes.push_back(std::abs(weight));
  const auto place = magnitudes.begin() +
                     static_cast<std::ptrdiff_t>(
                         std::floor(kWithinScale * static_cast<double>(magnitudes.size() - 1)));
  std::ranges::nth_element(magnitudes, place);
  return *place > 0 ? *place : 1.0f;
}

Html Legend(float scale) {
  return Element("p", {{"class", "scale"}},
                 Html::Text(fmt::format("−{:.3g}", scale)) +
                     Element("span", {{"class", "ramp"}, {"aria-hidden", "true"}}, Html()) +
                     Html::Text(fmt::format("+{:.3g}", scale)));
}

}  // namespace

absl::StatusOr<Html> WeightsSection(const Network& network) {
  const DenseLayer& layer = network.layers.front();
  const bool of_classes = network.layers.size() == 1;
  const auto units = static_cast<size_t>(layer.outputs);
  const size_t shown = std::min(units, kMostUnits);
  const std::span<const float> weights = std::span(layer.weights).first(shown * kImagePixels);
  const float scale = ScaleOf(weights);
  Html pictures;
  for (size_t unit = 0; unit < shown; ++unit) {
    const std::string name = of_classes ? network.class_names[unit] : fmt::format("{}", unit);
    const absl::StatusOr<Html> picture = WeightsPicture(
        std::span<const float, kImagePixels>(weights.subspan(unit * kImagePixels, kImagePixels)),
        scale, fmt::format("Weights of {} {}", of_classes ? "class" : "unit", name));
    if (!picture.ok()) return picture.status();
    pictures += Element("figure", *picture + Element("figcaption", name));
  }
  const std::string note = fmt::format(
      "{} of its {} {}, a picture each: ink where it is light speaks for the {}, ink where it is "
      "dark against it. All have one scale; the {:.1f}\u00a0% of the weights beyond it are drawn "
      "as its ends.",
      shown == units ? "All" : fmt::format("The first {}", shown),
      Count(static_cast<int64_t>(units)), of_classes ? "classes" : "units",
      of_classes ? "class" : "unit", 100 * (1 - kWithinScale));
  return Section("weights", "What the first layer looks for",
                 Element("p", {{"class", "note"}}, Html::Text(note)) + Legend(scale) +
                     Element("div", {{"class", "pictures weights"}}, pictures));
}

}  // namespace digits
