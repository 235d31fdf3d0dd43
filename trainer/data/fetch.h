// Downloads MNIST.
#ifndef DIGITS_TRAINER_DATA_FETCH_H_
#define DIGITS_TRAINER_DATA_FETCH_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace digits {

struct RemoteFile {
  std::string name;
  std::string sha256;  // of the file as it is published, 64 lower-case hexadecimal digits
};

struct RemoteFiles {
  std::vector<std::string> mirrors;  // URLs of folders that hold the same files, in order of choice
  std::vector<RemoteFile> files;
};

// MNIST's four gzipped files.
RemoteFiles MnistFiles();

// Brings the files into `directory`, which is made where it is missing, with the program curl. A
// file appears there whole and with its SHA-256 right, or not at all. One that is there already and
// right is kept; one that is another is left alone and is an error. Gives up at the first file that
// no mirror gives: within seconds for each mirror that cannot be reached or stalls, and after five
// minutes of each mirror for each file. Errors name the file, and what curl said of each mirror:
// Unavailable, FailedPrecondition where there is no curl. `report` is given a line for people about
// each file. It may not run twice at once for one directory in one process.
absl::Status Fetch(const RemoteFiles& remote, const std::string& directory,
                   const std::function<void(std::string_view)>& report);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_FETCH_H_
