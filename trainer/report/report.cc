#include "trainer/report/report.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "trainer/calibration/reliability.h"
#include "trainer/report/html.h"
#include "trainer/report/numbers.h"
#include "trainer/report/parameters.h"
#include "trainer/report/readings.h"
#include "trainer/report/sections.h"
#include "trainer/report/style.h"
#include "trainer/training/answers.h"
#include "trainer/training/evaluation.h"

namespace digits {
namespace {

// Everything that the page needs is in it: browsers are to refuse all else.
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action "
    "'none'";

Html Meta(std::vector<Attribute> attributes) { return Element("meta", attributes, Html()); }

Html Head(std::string_view title) {
  return Element(
      "head", Meta({{"charset", "utf-8"}}) +
                  Meta({{"http-equiv", "Content-Security-Policy"}, {"content", kPolicy}}) +
                  Meta({{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}) +
                  Element("title", title) +
                  Element("link", {{"rel", "icon"}, {"href", "data:,"}}, Html()) +
                  Element("style", Html::Markup(StyleSheet())));
}

Html Fact(std::string_view name, const std::string& id, const std::string& value) {
  return Element("div", Element("dt", name) + Element("dd", {{"id", id}}, Html::Text(value)));
}

Html Header(const ReportSubject& subject, const Evaluation& evaluation,
            const Reliability& reliability, const ScoredOn& scored_on) {
  const ConfusionMatrix& confusion = evaluation.confusion;
  const Network& network = subject.weights.network;
  const std::string introduction =
      fmt::format("A perceptron of {} with {} parameters, scored in {} on {} images of {}.{}",
                  Architecture(network), Count(Parameters(network)), subject.classifier.precision(),
                  Count(confusion.total()), subject.data.name,
                  scored_on.fitted_to ? " It was fitted to these very images: how well it reads "
                                        "others, the figures do not tell."
                                      : "");
  Html facts = Fact("accuracy", "accuracy", Percent(confusion.accuracy())) +
               Fact("wrong readings", "wrong", Count(confusion.total() - confusion.correct())) +
               Fact("loss (cross-entropy)", "loss", fmt::format("{:.4f}", evaluation.loss)) +
               Fact("calibration error", "calibration-error",
                    Percent(ExpectedCalibrationError(reliability)));
  if (subject.robustness != nullptr) {
    facts +=
        Fact("error when perturbed", "perturbed-error", Percent(subject.robustness->mean_error()));
  }
  return Element("header",
                 Element("h1", subject.name) + Element("p", introduction) + Element("dl", facts));
}

Html Contents(const ReportSubject& subject) {
  std::vector<std::pair<std::string, std::string>> entries = {
      {"learning", "Learning"},      {"classes", "Classes"}, {"mistakes", "Mistakes"},
      {"calibration", "Confidence"}, {"weights", "Weights"}, {"model", "Network"},
      {"provenance", "Origin"}};
  if (subject.robustness != nullptr) {
    entries.insert(entries.end() - 2, {"robustness", "Robustness"});
  }
  Html links;
  for (const auto& [id, name] : entries) {
    links += Element("a", {{"href", "#" + id}}, Html::Text(name)) + Html::Markup("\n");
  }
  return Element("nav", {{"aria-label", "Contents"}}, links);
}

}  // namespace

absl::StatusOr<std::string> HtmlReport(const ReportSubject& subject) {
  const Network& network = subject.weights.network;
  const std::vector<float> probabilities =
      AnswersTo(subject.classifier, subject.data).probabilities;
  const Evaluation evaluation =
      Evaluate(probabilities, subject.data.labels, network.class_names.size());
  const std::vector<Reading> readings = ReadingsOf(probabilities, subject.data.labels);
  const Reliability reliability = MeasureReliability(probabilities, subject.data.labels);
  const std::string sha256 = Sha256(subject.data);
  const auto fitted_to = network.provenance.find("data_sha256");
  const ScoredOn scored_on = {subject.data, subject.split, sha256,
                              fitted_to != network.provenance.end() && fitted_to->second == sha256};
  const absl::StatusOr<Html> mistakes =
      MistakesSection(readings, subject.data, network.class_names);
  if (!mistakes.ok()) return mistakes.status();
  const absl::StatusOr<Html> weights = WeightsSection(network);
  if (!weights.ok()) return weights.status();

  const Html main = LearningSection(subject.history) +
                    ClassesSection(evaluation.confusion, network.class_names) + *mistakes +
                    CalibrationSection(reliability) + *weights +
                    RobustnessSection(subject.robustness) + ModelSection(subject.weights) +
                    ProvenanceSection(network, scored_on);
  const Html body = Header(subject, evaluation, reliability, scored_on) + Contents(subject) +
                    Element("main", main) +
                    Element("footer", fmt::format("Written by {}.", subject.trainer));
  const Html page =
      Element("html", {{"lang", "en"}},
              Head(fmt::format("{}: a report", subject.name)) + Element("body", body));
  return "<!DOCTYPE html>\n" + page.markup() + "\n";
}

}  // namespace digits
