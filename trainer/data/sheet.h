// A data set as a picture, for people to look at.
#ifndef DIGITS_TRAINER_DATA_SHEET_H_
#define DIGITS_TRAINER_DATA_SHEET_H_

#include <string>

#include "absl/status/statusor.h"
#include "trainer/data/data_set.h"

namespace digits {

inline constexpr int kMaxSheetImages = 256;  // on a side

// The bytes of a grayscale PNG of `rows` by `columns` images, each drawn twice its size, in the
// order of the data set. Where it is labelled, row r holds images of class r alone. Places that no
// image is left for stay black. InvalidArgument unless rows and columns are from 1 to
// kMaxSheetImages.
absl::StatusOr<std::string> SheetPng(const DataSet& data, int rows, int columns);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_SHEET_H_
