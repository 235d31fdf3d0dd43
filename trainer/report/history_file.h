// Reads what fit writes beside the weights.
#ifndef DIGITS_TRAINER_REPORT_HISTORY_FILE_H_
#define DIGITS_TRAINER_REPORT_HISTORY_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "trainer/training/history.h"

namespace digits {

// Reads CSV as HistoryCsv() writes it: a header that names epoch, loss and accuracy, perhaps
// seconds, val_loss and val_accuracy, in any order and among other columns, and a row an epoch,
// epochs ascending. Accuracies are from 0 to 1, losses and seconds from 0 to 1e100. A row may lack
// its val_ figures, which it does too where one of them is nan or inf. InvalidArgument, naming the
// line, for all else; `name` stands for the file.
absl::StatusOr<std::vector<EpochRecord>> ParseHistoryCsv(std::string_view csv,
                                                         std::string_view name);

// The same from a file of at most 64 MiB. Errors as ReadFile().
absl::StatusOr<std::vector<EpochRecord>> ReadHistory(const std::string& path);

}  // namespace digits

#endif  // DIGITS_TRAINER_REPORT_HISTORY_FILE_H_
