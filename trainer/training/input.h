// What layers read: rows of floats, or images.
#ifndef DIGITS_TRAINER_TRAINING_INPUT_H_
#define DIGITS_TRAINER_TRAINING_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "trainer/data/data_set.h"

namespace digits {

// A pixel that is not background. Four bytes of it, not a float and an index, because reading the
// images in a new order each epoch is what a narrow network waits for.
struct SparsePixel {
  uint16_t column;  // of its row
  uint8_t level;    // 1 to 255
};

using SparseRow = std::span<const SparsePixel>;

// Images by their pixels; the input's value of a pixel is values[level].
struct SparseRows {
  std::span<const SparseRow> rows;
  const float* values = nullptr;  // 256
};

// Images by all their pixels; the input's value of a pixel is pixel x scale.
struct PixelRows {
  const uint8_t* pixels = nullptr;  // rows x columns, row-major
  float scale = 0;
};

// Rows that lie `stride` floats apart.
struct DenseRows {
  const float* data = nullptr;
  size_t stride = 0;
};

// In which of these forms a layer gets its inputs: images are sparse (four fifths of MNIST's pixels
// are zero) or pixels, the outputs of a layer dense.
enum class InputForm { kDense, kSparse, kPixels };

// A batch of inputs of a layer.
using LayerInput = std::variant<DenseRows, SparseRows, PixelRows>;

// The images of a data set, sparse. Never changed after construction.
class SparseImages {
 public:
  explicit SparseImages(const DataSet& data);

  size_t size() const { return begins_.size() - 1; }
  SparseRow row(size_t image) const {
    return SparseRow(pixels_).subspan(begins_[image], begins_[image + 1] - begins_[image]);
  }

 private:
  std::vector<size_t> begins_;  // size() + 1, into pixels_
  std::vector<SparsePixel> pixels_;
};

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_INPUT_H_
