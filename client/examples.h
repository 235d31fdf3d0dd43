// The images that a command line names, as one list.
#ifndef DIGITS_CLIENT_EXAMPLES_H_
#define DIGITS_CLIENT_EXAMPLES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/image/image.h"
#include "trainer/data/read.h"

namespace digits {

struct Examples {
  std::vector<uint8_t> pixels;               // n x 784
  std::vector<std::optional<size_t>> truth;  // n: the class, where it is known
  // n: the picture file that holds this image alone; empty for images of a data set.
  std::vector<std::string> files;

  size_t size() const { return truth.size(); }
  ImageView image(size_t i) const {
    return ImageView(pixels.data() + i * kImagePixels, kImagePixels);
  }
};

// Reads all paths, each as ReadExamples takes it, one after another.
absl::StatusOr<Examples> ReadAll(std::span<const std::string> paths, Split split);

// Fails where an example is of a class that a model of so many classes cannot answer.
absl::Status CheckClasses(const Examples& examples, size_t classes);

}  // namespace digits

#endif  // DIGITS_CLIENT_EXAMPLES_H_
