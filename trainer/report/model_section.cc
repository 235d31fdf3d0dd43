#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trainer/report/numbers.h"
#include "trainer/report/parameters.h"
#include "trainer/report/sections.h"

namespace digits {
namespace {

Html LayersTable(const Network& network) {
  Html head;
  for (const char* const name : {"Layer", "Inputs", "Outputs", "Parameters", "Activation"}) {
    head += ColumnHeading(name);
  }
  Html rows;
  for (size_t i = 0; i < network.layers.size(); ++i) {
    const DenseLayer& layer = network.layers[i];
    rows +=
        Element("tr", RowHeading(fmt::format("{}", i)) + NumberCell(Count(layer.inputs)) +
                          NumberCell(Count(layer.outputs)) + NumberCell(Count(Parameters(layer))) +
                          NumberCell(ActivationName(layer.activation)));
  }
  return Scrolling(
      "Layers", Element("table", Element("thead", Element("tr", head)) + Element("tbody", rows)));
}

Html Fact(std::string_view name, const Html& value) {
  return Element("tr", RowHeading(name) + Element("td", value));
}

// How the first layer sees a pixel.
std::string Input(const Network& network) {
  std::string input = "28 × 28 pixels, 0 to 255, ";
  input += network.input_scale == 1.0f / 255 ? "divided by 255"
                                             : fmt::format("times {:.9g}", network.input_scale);
  if (network.input_offset != 0) input += fmt::format(", plus {:.9g}", network.input_offset);
  return input;
}

std::string Storage(StorageType storage) {
  switch (storage) {
    case StorageType::kF32:
      return "float32";
    case StorageType::kF16:
      return "float16";
    case StorageType::kBf16:
      return "bfloat16";
    case StorageType::kI8:
      break;
  }
  return "int8, with a scale for each output";
}

// What calibration has found.
Html CalibrationFacts(const Network& network) {
  Html facts = Fact("Temperature", Html::Text(fmt::format("{:.4g}", network.temperature)));
  facts += Fact("int8 arithmetic",
                Html::Text(HasInputRanges(network) ? "possible"
                                                   : "not possible: it is not calibrated for it"));
  facts += Fact("Least digit score of a digit",
                Html::Text(network.digit_threshold ? fmt::format("{:.4g}", *network.digit_threshold)
                                                   : "not known"));
  return facts;
}

}  // namespace

Html ModelSection(const Weights& weights) {
  const Network& network = weights.network;
  Html facts = Fact("Architecture", Html::Text(Architecture(network)));
  facts += Fact("Parameters", Html::Text(Count(Parameters(network))));
  facts += Fact("Input", Html::Text(Input(network)));
  facts += Fact(fmt::format("{} classes", network.class_names.size()),
                Html::Text(fmt::format("{}", fmt::join(network.class_names, ", "))));
  facts += Fact("Stored as", Html::Text(Storage(weights.storage)));
  facts += CalibrationFacts(network);
  facts += Fact("SHA-256", Element("code", weights.sha256));
  return Section(
      "model", "The network",
      Scrolling("The network", Element("table", {{"class", "facts"}}, Element("tbody", facts))) +
          LayersTable(network));
}

}  // namespace digits
