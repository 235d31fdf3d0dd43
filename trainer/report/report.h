// A page about a network: what it reads, what it gets wrong, where it came from.
#ifndef DIGITS_TRAINER_REPORT_REPORT_H_
#define DIGITS_TRAINER_REPORT_REPORT_H_

#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/engine/classifier.h"
#include "server/model/weights_file.h"
#include "trainer/data/data_set.h"
#include "trainer/data/read.h"
#include "trainer/robustness/robustness.h"
#include "trainer/training/history.h"

namespace digits {

struct ReportSubject {
  std::string_view name;  // of the weights, for people: their file's
  const Weights& weights;
  const Classifier& classifier;            // of these weights
  const DataSet& data;                     // labelled, not empty; labels are classes of the network
  Split split = Split::kTest;              // the part of it that was asked for
  std::span<const EpochRecord> history;    // none: the page says so
  std::string_view trainer;                // that writes this: "digits-trainer 0.1.0"
  const Robustness* robustness = nullptr;  // none: no table
};

// One HTML file in UTF-8 that opens offline, asks no host for anything and needs no script. The
// same subject always makes the same bytes. Internal where libpng fails.
absl::StatusOr<std::string> HtmlReport(const ReportSubject& subject);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_REPORT_H_
