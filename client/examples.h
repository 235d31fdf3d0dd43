// The images that a command line names, as one list.
#ifndef DIGITS_CLIENT_EXAMPLES_H_
#define DIGITS_CLIENT_EXAMPLES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/image/image.h"
#include "trainer/data/read.h"

namespace digits {

struct Examples {
  // Of what was read. Blank pictures and broken files have no place in these.
  std::vector<uint8_t> pixels;               // n x 784
  std::vector<std::optional<size_t>> truth;  // n: the class, where it is known
  // n: the picture file that holds this image alone; empty for images of a data set.
  std::vector<std::string> files;

  // Why files have no image, in their order: so many are blank pictures, the others broken.
  std::vector<absl::Status> missing;
  size_t blank = 0;

  size_t size() const { return truth.size(); }
  size_t broken() const { return missing.size() - blank; }
  ImageView image(size_t i) const {
    return ImageView(pixels.data() + i * kImagePixels, kImagePixels);
  }
};

// Reads all that the arguments name, one after another: patterns (see patterns.h); "-", one file
// from standard input; folders of pictures and picture files, on all processors, with a progress
// bar; and whatever else ReadExamples takes.
//
// Pictures of any size become images by Normalize; where they are `raw`, they are taken as they are
// and must be 28 by 28. A picture that is blank or broken is among the missing ones, and the others
// are read. Everything else that cannot be read fails: an argument that names nothing, a data set,
// a folder that is out of order; and so does a gzipped picture, which is no picture file.
//
// `before_pictures`, if there is one, is called when all arguments are found and the data sets are
// read, but no picture file yet, which may take long; its error is this one's.
absl::StatusOr<Examples> ReadAll(std::span<const std::string> arguments, Split split, bool raw,
                                 const std::function<absl::Status()>& before_pictures = nullptr);

// Fails where an example is of a class that a model of so many classes cannot answer.
absl::Status CheckClasses(const Examples& examples, size_t classes);

}  // namespace digits

#endif  // DIGITS_CLIENT_EXAMPLES_H_
