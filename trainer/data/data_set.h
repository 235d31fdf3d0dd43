// Labelled 28x28 images in memory.
#ifndef DIGITS_TRAINER_DATA_DATA_SET_H_
#define DIGITS_TRAINER_DATA_DATA_SET_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "server/image/image.h"

namespace digits {

struct DataSet {
  std::string name;             // for people: the path it was read from, or "strokes"
  std::vector<uint8_t> pixels;  // n x 784, one image after another, row-major, 0 to 255
  std::vector<uint8_t> labels;  // n, or none where they are not known
  // Where each image came from, for people ("a.png"); empty where its index says it all.
  std::vector<std::string> sources;

  size_t size() const { return pixels.size() / kImagePixels; }
  bool labelled() const { return !labels.empty(); }
  ImageView image(size_t i) const {
    return ImageView(pixels.data() + i * kImagePixels, kImagePixels);
  }
};

// SHA-256 of the pixels followed by the labels, 64 lower-case hexadecimal digits: the same for the
// same digits, whatever the format they came in.
std::string Sha256(const DataSet& data);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_DATA_SET_H_
