// Reads data sets in the formats that people have them in.
//
//   IDX        images and labels, plain or gzipped: a file of images with its labels beside it
//              (…images-idx3… / …labels-idx1…), or a folder with MNIST's four files
//   Kaggle CSV a header [label,]pixel0,…,pixel783 and a line per image, plain or gzipped: a file,
//   or
//              a folder with train.csv
//   npz        Keras' mnist.npz with x_train, y_train, x_test, y_test
//   PNG        28x28, light ink on dark
//   raw        files of 784 bytes
//   folder     of PNG and raw files; sub-folders named by a class (0, 1, …) give labels
//   strokes    the built-in digits, where the path is the word "strokes"
// The content says which one a file is, not its name. Nothing that a file says is believed: errors
// name the file and what is wrong with it, and no file inflates past 1 GiB.
#ifndef DIGITS_TRAINER_DATA_READ_H_
#define DIGITS_TRAINER_DATA_READ_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "trainer/data/data_set.h"

namespace digits {

struct ReadOptions {
  int classes = 10;   // labels must be below this; at most 256
  uint64_t seed = 1;  // of the strokes
};

enum class Split { kTrain, kTest };

struct TrainingData {
  DataSet train;                // labelled, not empty
  std::optional<DataSet> test;  // labelled, where the data set has a test part
};

// Reads what a network is fitted to. What has no parts, such as one IDX file, is all `train`.
absl::StatusOr<TrainingData> ReadTrainingData(const std::string& path, const ReadOptions& options);

// Reads what is to be classified or scored: the asked part where there are two, otherwise all of
// it. Labels may be missing.
absl::StatusOr<DataSet> ReadExamples(const std::string& path, Split split,
                                     const ReadOptions& options);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_READ_H_
