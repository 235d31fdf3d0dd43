// The parts of the report, each a <section> with a heading, or nothing where there is nothing to
// show. Each stands in a file of its own.
#ifndef DIGITS_TRAINER_REPORT_SECTIONS_H_
#define DIGITS_TRAINER_REPORT_SECTIONS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/model/weights_file.h"
#include "trainer/calibration/reliability.h"
#include "trainer/data/confusion.h"
#include "trainer/data/data_set.h"
#include "trainer/data/read.h"
#include "trainer/report/html.h"
#include "trainer/report/readings.h"
#include "trainer/robustness/robustness.h"
#include "trainer/training/history.h"

namespace digits {

// Most of what a section shows, for networks and data of any size.
inline constexpr size_t kMostMistakes = 60;
inline constexpr size_t kMostUnits = 64;

// Where the figures come from.
struct ScoredOn {
  const DataSet& data;
  Split split;  // that was asked for
  std::string sha256;
  bool fitted_to;  // whether the weights file says that these very images made it
};

// Loss and accuracy over the epochs, or that there is no history of them.
Html LearningSection(std::span<const EpochRecord> history);

// Precision and recall, and which classes are taken for which.
Html ClassesSection(const ConfusionMatrix& confusion, std::span<const std::string> class_names);

// The wrong readings that were the most confident.
absl::StatusOr<Html> MistakesSection(const std::vector<Reading>& readings, const DataSet& data,
                                     std::span<const std::string> class_names);

Html CalibrationSection(const Reliability& reliability);

// What the first layer's units look for.
absl::StatusOr<Html> WeightsSection(const Network& network);

// Errors on images that are shifted, turned, soiled, ...; nothing where it is null.
Html RobustnessSection(const Robustness* robustness);

// Layers, classes, storage, calibration and hash; the recipe and all else that the weights file
// says of its origin.
Html ModelSection(const Weights& weights);
Html ProvenanceSection(const Network& network, const ScoredOn& scored_on);

// For sections: <section id="id"><h2>title</h2>content</section>, and a table that scrolls by
// itself where the page is narrow. `label` says what it holds.
Html Section(std::string_view id, std::string_view title, const Html& content);
Html Scrolling(std::string_view label, const Html& table);

// Cells of a table: a heading of its column, a heading of its row, a number.
Html ColumnHeading(std::string_view text);
Html RowHeading(std::string_view text);
Html NumberCell(std::string_view text);

// A cell about mistakes: the more of them, 0 to 1, the deeper its shade.
Html MistakesCell(const Html& content, double share);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_SECTIONS_H_
