// Results for people to read.
#ifndef DIGITS_CLIENT_TABLE_H_
#define DIGITS_CLIENT_TABLE_H_

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>

#include "client/results.h"
#include "client/terminal_picture.h"

namespace digits {

struct TableOptions {
  size_t rows = 20;                                     // at most; 0: all
  std::optional<PictureStyle> pictures = std::nullopt;  // of each image, above its row
};

// A row an image with its file or index, label, confidence, its true class, where known, and a mark
// where the label is wrong or the image unlike any class; then accuracy and confusion matrix, where
// any class is known.
void WriteTable(const Results& results, const TableOptions& options, std::ostream& out);

// "accuracy 92.81 % (9281 of 10000)"
std::string AccuracyText(const ConfusionMatrix& confusion);

}  // namespace digits

#endif  // DIGITS_CLIENT_TABLE_H_
