#include "trainer/training/input.h"

#include <algorithm>

namespace digits {

SparseImages::SparseImages(const DataSet& data) {
  pixels_.reserve(data.pixels.size() -
                  static_cast<size_t>(std::count(data.pixels.begin(), data.pixels.end(), 0)));
  begins_.reserve(data.size() + 1);
  begins_.push_back(0);
  for (size_t i = 0; i < data.size(); ++i) {
    const ImageView image = data.image(i);
    for (uint16_t column = 0; column < kImagePixels; ++column) {
      if (image[column] != 0) {
        pixels_.push_back({column, image[column]});
      }
    }
    begins_.push_back(pixels_.size());
  }
}

}  // namespace digits
