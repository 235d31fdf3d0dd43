#include "trainer/training/batch_source.h"

#include <algorithm>
#include <cassert>

namespace digits {

BatchLoader::BatchLoader(const DataSet& data, size_t max_batch, float scale, InputForm images)
    : data_(data), scale_(scale) {
  assert(images != InputForm::kDense);
  labels_.reserve(max_batch);
  if (images == InputForm::kPixels) {
    pixels_.resize(max_batch * kImagePixels);
    return;
  }
  sparse_ = std::make_unique<SparseImages>(data);
  rows_.reserve(max_batch);
  for (size_t level = 0; level < values_.size(); ++level) {
    values_[level] = static_cast<float>(level) * scale;
  }
}

Batch BatchLoader::Load(std::span<const uint32_t> images) {
  labels_.clear();
  for (const uint32_t image : images) labels_.push_back(data_.labels[image]);
  if (sparse_ != nullptr) {
    rows_.clear();
    for (const uint32_t image : images) rows_.push_back(sparse_->row(image));
    return {SparseRows{rows_, values_.data()}, labels_, {}, {}};
  }
  for (size_t i = 0; i < images.size(); ++i) {
    std::ranges::copy(data_.image(images[i]),
                      pixels_.begin() + static_cast<ptrdiff_t>(i * kImagePixels));
  }
  return {PixelRows{pixels_.data(), scale_}, labels_, {}, {}};
}

namespace {

class StoredBatches : public BatchSource {
 public:
  StoredBatches(const DataSet& data, size_t max_batch, float scale, InputForm images)
      : max_batch_(max_batch), loader_(data, max_batch, scale, images) {}

  void BeginEpoch(uint64_t /*epoch*/, std::span<const uint32_t> order) override { rest_ = order; }

  Batch Next() override {
    const std::span<const uint32_t> images = rest_.first(std::min(max_batch_, rest_.size()));
    rest_ = rest_.subspan(images.size());
    return loader_.Load(images);
  }

 private:
  const size_t max_batch_;
  BatchLoader loader_;
  std::span<const uint32_t> rest_;  // of the epoch
};

}  // namespace

std::unique_ptr<BatchSource> MakeStoredBatches(const DataSet& data, size_t max_batch, float scale,
                                               InputForm images) {
  return std::make_unique<StoredBatches>(data, max_batch, scale, images);
}

}  // namespace digits
