// Reads data sets in the formats that people have them in.
//
//   IDX        images and labels: a file of images with its labels beside it (...images-idx3... and
//              ...labels-idx1...), or a folder with MNIST's four files or one part of them
//   CSV        as Kaggle's: a header [label,]pixel0,...,pixel783 and a line for each image; a file,
//              or a folder with train.csv, test.csv or both
//   npz        as Keras' mnist.npz: x_train, y_train, x_test, y_test
//   picture    PNG, JPEG, PBM, PGM or PPM, of any size
//   raw        a file of 784 bytes, light ink on dark
//   folder     of picture and raw files; sub-folders named by a class (0, 1, ...) give labels
//   strokes    the built-in digits, where the path is the word "strokes": 60,000 for training and
//              10,000 others for tests
//   non-digits the built-in images that are no digits, 700 of each family, without labels, where
//              the path is that word
//
// A file's content says which one it is, not its name, and any may be gzipped but the pictures in a
// folder. Pictures become images by Normalize, but for those of 28x28, which are a data set's and
// taken as they are, unless ReadOptions say otherwise. Nothing that a file says is believed: an
// error names the file and what is wrong with it. No file is read beyond 1 GiB, nor inflated beyond
// it, and no picture beyond the limits of shrinking_plane.h.
#ifndef DIGITS_TRAINER_DATA_READ_H_
#define DIGITS_TRAINER_DATA_READ_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "trainer/data/data_set.h"
#include "trainer/data/picture.h"

namespace digits {

struct ReadOptions {
  int classes = 10;   // labels must be below this; 1 to 256
  uint64_t seed = 1;  // of the strokes and non-digits
  Normalizing normalizing = Normalizing::kOtherSizes;
};

enum class Split { kTrain, kTest };

struct TrainingData {
  DataSet train;                // labelled, not empty
  std::optional<DataSet> test;  // labelled, not empty; none where there is no labelled test part
};

// Reads what a network is fitted to. What has no parts, such as one IDX file, is all `train`; what
// has only a test part is refused.
absl::StatusOr<TrainingData> ReadTrainingData(const std::string& path, const ReadOptions& options);

// Reads what is to be classified or scored: the asked part where there are two, otherwise all of
// it. Not empty; labels may be missing. A picture that is blank is an error.
absl::StatusOr<DataSet> ReadExamples(const std::string& path, Split split,
                                     const ReadOptions& options);

// The same from the bytes of one file, which `name` stands for: no labels lie beside it.
absl::StatusOr<DataSet> ParseExamples(std::string bytes, const std::string& name, Split split,
                                      const ReadOptions& options);

// Whether `path` is a folder of pictures, rather than of MNIST's or Kaggle's files, or no folder.
bool IsPictureFolder(const std::string& path);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_READ_H_
