#include "trainer/training/echo_memory.h"

#include <algorithm>

#include "server/image/image.h"

namespace digits {

void PreparedImages::Resize(size_t images, size_t classes, bool with_outliers) {
  pixels.resize(images * kImagePixels);
  labels.resize(images);
  soft_targets.resize(images * classes);
  outliers.resize(with_outliers ? images : 0);
}

namespace {

// Between two of the same kind.
void CopyRow(const PreparedImages& from, size_t from_row, PreparedImages& to, size_t row) {
  std::copy_n(from.pixels.data() + from_row * kImagePixels, kImagePixels,
              to.pixels.data() + row * kImagePixels);
  to.labels[row] = from.labels[from_row];
  const size_t classes = from.classes();
  std::copy_n(from.soft_targets.data() + from_row * classes, classes,
              to.soft_targets.data() + row * classes);
  if (!from.outliers.empty()) to.outliers[row] = from.outliers[from_row];
}

}  // namespace

EchoMemory::EchoMemory(size_t images, size_t classes, bool with_outliers) : made_(images) {
  images_.Resize(images, classes, with_outliers);
}

bool EchoMemory::Recall(uint64_t epoch, std::span<const uint32_t> numbers, size_t first,
                        PreparedImages& to) const {
  if (!std::ranges::all_of(numbers, [&](uint32_t number) { return made_[number] == epoch; })) {
    return false;
  }
  for (size_t i = 0; i < numbers.size(); ++i) CopyRow(images_, numbers[i], to, first + i);
  return true;
}

void EchoMemory::Keep(uint64_t epoch, std::span<const uint32_t> numbers, size_t first,
                      const PreparedImages& from) {
  for (size_t i = 0; i < numbers.size(); ++i) {
    CopyRow(from, first + i, images_, numbers[i]);
    made_[numbers[i]] = epoch;
  }
}

}  // namespace digits
