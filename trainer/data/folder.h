// Folders of pictures.
#ifndef DIGITS_TRAINER_DATA_FOLDER_H_
#define DIGITS_TRAINER_DATA_FOLDER_H_

#include <string>

#include "absl/status/statusor.h"
#include "trainer/data/data_set.h"

namespace digits {

// Reads the PNG and raw pictures in a folder, in the natural order of their names (2.png before
// 10.png); `sources` are their paths within it. Either the pictures lie in the folder itself and
// have no labels, or they all lie in sub-folders that are named by their class, a number below
// `classes`, and are read class by class.
//
// A file is a picture where its name ends in .png or .raw, and then it must be a good one, or where
// it is a PNG or has 784 bytes. Other files (a README, Thumbs.db) and all hidden ones are passed
// over. Errors name the file or the folder; no picture at all is one of them.
absl::StatusOr<DataSet> ReadPictureFolder(const std::string& path, int classes);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_FOLDER_H_
