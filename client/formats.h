// Results for other programs to read.
#ifndef DIGITS_CLIENT_FORMATS_H_
#define DIGITS_CLIENT_FORMATS_H_

#include <ostream>

#include "client/results.h"

namespace digits {

// RFC 4180 with plain line feeds: index,label,confidence and, where picture files were named, even
// if none has an image, file. The label is the class's name.
void WriteCsv(const Results& results, std::ostream& out);

// JSON Lines: an object an image with index, file (of picture files), label (the class's index),
// label_name, confidence, digit_score (where the server tells it), is_digit (whether that reaches
// the model's threshold, where it has one), truth (a class's index, where known) and probabilities
// (where asked for).
void WriteJsonLines(const Results& results, std::ostream& out);

// A submission to Kaggle's Digit Recognizer: ImageId,Label with ids from 1.
void WriteKaggle(const Results& results, std::ostream& out);

}  // namespace digits

#endif  // DIGITS_CLIENT_FORMATS_H_
