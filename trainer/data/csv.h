// CSV as Kaggle's Digit Recognizer has it.
#ifndef DIGITS_TRAINER_DATA_CSV_H_
#define DIGITS_TRAINER_DATA_CSV_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "trainer/data/data_set.h"

namespace digits {

// Whether the bytes begin with a line of text, as CSV does.
bool LooksLikeCsv(std::string_view bytes);

// Reads a header, either label,pixel0,...,pixel783 or pixel0,...,pixel783, and a line for each
// image: integers 0 to 255, the label below `classes`. Lines end in LF or CRLF, the last one
// perhaps in neither. InvalidArgument, with the line and the column counted from 1, at anything
// else; `name` stands for the file. Time and memory are linear in the text.
absl::StatusOr<DataSet> ParseCsv(std::string_view text, std::string_view name, int classes);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_CSV_H_
