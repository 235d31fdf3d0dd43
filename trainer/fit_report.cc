#include "trainer/fit_report.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/engine/onednn_classifier.h"
#include "server/files/file.h"
#include "server/files/sha256.h"
#include "server/model/weights_file.h"
#include "trainer/report/history_file.h"
#include "trainer/report/report.h"
#include "trainer/robustness/robustness.h"

namespace digits {

absl::Status WriteFitReport(const FitResult& result, const TrainingData& data,
                            const FitFlags& flags) {
  const absl::StatusOr<std::string> bytes = SerializeWeights(result.network);
  if (!bytes.ok()) return bytes.status();
  const Weights weights = {.network = result.network, .sha256 = Sha256Hex(*bytes)};
  const absl::StatusOr<std::unique_ptr<Classifier>> classifier =
      MakeOnednnClassifier(weights.network, Precision::kF32);
  if (!classifier.ok()) return classifier.status();
  // As it will be read from its file, so that digits-trainer report makes the same page.
  const absl::StatusOr<std::vector<EpochRecord>> history =
      ParseHistoryCsv(HistoryCsv(result.history), "history");
  if (!history.ok()) return history.status();
  const DataSet& scored = data.test ? *data.test : data.train;
  std::optional<Robustness> robustness;
  if (flags.robust) {
    absl::StatusOr<Robustness> scores = EvaluateRobustness(**classifier, scored, scored.size());
    if (!scores.ok()) return scores.status();
    robustness = *std::move(scores);
  }
  const std::string name = std::filesystem::path(flags.output).filename();
  const absl::StatusOr<std::string> report =
      HtmlReport({.name = name,
                  .weights = weights,
                  .classifier = **classifier,
                  .data = scored,
                  .history = *history,
                  .trainer = "digits-trainer " DIGITS_VERSION,
                  .robustness = robustness ? &*robustness : nullptr});
  if (!report.ok()) return report.status();
  return WriteFile(flags.report, *report);
}

}  // namespace digits
