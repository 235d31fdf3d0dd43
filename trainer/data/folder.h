// Folders of pictures.
#ifndef DIGITS_TRAINER_DATA_FOLDER_H_
#define DIGITS_TRAINER_DATA_FOLDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "trainer/data/data_set.h"
#include "trainer/data/picture.h"

namespace digits {

struct FolderPicture {
  std::string source;            // its path within the folder
  std::optional<uint8_t> label;  // its class, where it lies in a folder that is named by it
};

// Lists the pictures in a folder, in the natural order of their names (2.png before 10.png). Either
// they lie in the folder itself and have no labels, or they all lie in sub-folders that are named
// by their class, a number below `classes`, and come class by class.
//
// A file is a picture where IsPictureFile says so, also of a format that is not read (.heic), or
// where it has 784 bytes. Other files (a README, Thumbs.db) and all hidden ones are passed over.
// Errors name the file or the folder; no picture at all is one of them.
absl::StatusOr<std::vector<FolderPicture>> ListPictureFolder(const std::string& path, int classes);

// The path of one of them.
std::string PathOf(const std::string& folder, const FolderPicture& picture);

// Reads the pictures that ListPictureFolder finds; the first one that cannot be read, or is blank,
// is an error.
absl::StatusOr<DataSet> ReadPictureFolder(const std::string& path, int classes,
                                          Normalizing normalizing);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_FOLDER_H_
