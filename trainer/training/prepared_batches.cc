#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "trainer/training/batch_source.h"

namespace digits {
namespace {

// What a thread takes at a time: few enough images that several threads share a batch, enough for
// the locks and a teacher's calls not to count.
constexpr size_t kChunk = 32;

// Batches that are ready or being made, the one at the caller's among them.
constexpr size_t kSlots = 8;

// A batch and its memory.
struct Slot {
  size_t images = 0;
  size_t missing = 0;  // chunks that are not done
  std::vector<uint8_t> pixels;
  std::vector<uint8_t> labels;
  std::vector<float> soft_targets;
  std::vector<uint8_t> outliers;
  // Where the network wants its images sparse: 784 places for each image, and those that are used.
  std::vector<SparsePixel> sparse_pixels;
  std::vector<SparseRow> rows;
};

// What is done to images, by one thread.
struct Transforms {
  ImageTransform transform;  // or none
  ImageTransform soiling;    // or none
};

SparseRow Sparse(ImageView image, SparsePixel* begin) {
  SparsePixel* end = begin;
  for (uint16_t column = 0; column < kImagePixels; ++column) {
    if (image[column] != 0) *end++ = {column, image[column]};
  }
  return {begin, end};
}

class PreparedBatches : public BatchSource {
 public:
  PreparedBatches(const DataSet& data, size_t max_batch, float scale, InputForm images,
                  const PreparedBatchOptions& options)
      : data_(data), max_batch_(max_batch), scale_(scale), images_(images), options_(options) {
    for (size_t level = 0; level < values_.size(); ++level) {
      values_[level] = static_cast<float>(level) * scale;
    }
    for (Slot& slot : slots_) {
      slot.pixels.resize(max_batch * kImagePixels);
      slot.labels.resize(max_batch);
      if (options.soft_targets) slot.soft_targets.resize(max_batch * options.classes);
      if (options.draw_outlier) slot.outliers.resize(max_batch);
      if (images == InputForm::kSparse) {
        slot.sparse_pixels.resize(max_batch * kImagePixels);
        slot.rows.resize(max_batch);
      }
    }
    own_transforms_ = MakeTransforms();
    for (size_t i = 0; i < options.threads; ++i) {
      threads_.emplace_back([this] { Work(); });
    }
  }

  ~PreparedBatches() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    work_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  PreparedBatches(const PreparedBatches&) = delete;
  PreparedBatches& operator=(const PreparedBatches&) = delete;

  void BeginEpoch(uint64_t epoch, std::span<const uint32_t> order) override {
    {
      std::unique_lock lock(mutex_);
      batches_ = 0;  // nothing more is taken up of the epoch before
      done_.wait(lock, [this] { return running_ == 0; });
      epoch_ = epoch;
      order_ = order;
      batches_ = (order.size() + max_batch_ - 1) / max_batch_;
      next_batch_ = next_chunk_ = taken_ = 0;
    }
    work_.notify_all();
  }

  Batch Next() override {
    std::unique_lock lock(mutex_);
    const size_t batch = taken_++;  // which gives back the slot of the one before
    if (threads_.size() == 1) {
      work_.notify_one();
    } else {
      work_.notify_all();
    }
    Slot& slot = slots_[batch % kSlots];
    // A chunk of it that nobody has begun is the next there is.
    while (next_batch_ <= batch) DoChunk(lock, own_transforms_);
    done_.wait(lock, [&] { return slot.missing == 0; });
    Batch result;
    result.labels = std::span(slot.labels).first(slot.images);
    if (options_.soft_targets) {
      result.soft_targets = std::span(slot.soft_targets).first(slot.images * options_.classes);
    }
    if (options_.draw_outlier) result.outliers = std::span(slot.outliers).first(slot.images);
    if (images_ == InputForm::kSparse) {
      result.images = SparseRows{std::span(slot.rows).first(slot.images), values_.data()};
    } else {
      result.images = PixelRows{slot.pixels.data(), scale_};
    }
    return result;
  }

 private:
  Transforms MakeTransforms() const {
    Transforms transforms;
    if (options_.make_transform) transforms.transform = options_.make_transform();
    if (options_.make_soiling) transforms.soiling = options_.make_soiling();
    return transforms;
  }

  // The slot of the batch that was taken last is still being read.
  bool HasWork() const {
    return next_batch_ < batches_ && next_batch_ + 1 < std::max<size_t>(taken_, 1) + kSlots;
  }

  void Work() {
    const Transforms transforms = MakeTransforms();
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [this] { return ending_ || HasWork(); });
      if (ending_) return;
      DoChunk(lock, transforms);
    }
  }

  // Does the next chunk, unlocked meanwhile.
  void DoChunk(std::unique_lock<std::mutex>& lock, const Transforms& transforms) {
    const size_t begin = next_batch_ * max_batch_;
    Slot& slot = slots_[next_batch_ % kSlots];
    if (next_chunk_ == 0) {
      slot.images = std::min(max_batch_, order_.size() - begin);
      slot.missing = (slot.images + kChunk - 1) / kChunk;
    }
    const size_t first = next_chunk_ * kChunk;
    const size_t count = std::min(kChunk, slot.images - first);
    if (first + count == slot.images) {
      ++next_batch_;
      next_chunk_ = 0;
    } else {
      ++next_chunk_;
    }
    ++running_;
    lock.unlock();
    Prepare(order_.subspan(begin + first, count), first, transforms, slot);
    lock.lock();
    --running_;
    if (--slot.missing == 0 || running_ == 0) done_.notify_all();
  }

  void Prepare(std::span<const uint32_t> images, size_t first, const Transforms& transforms,
               Slot& slot) const {
    Image made;
    for (size_t i = 0; i < images.size(); ++i) {
      const size_t row = first + i;
      const bool outlier = images[i] >= data_.size();
      if (outlier) {
        options_.draw_outlier(options_.seed, epoch_, images[i] - data_.size(), made);
      } else if (transforms.transform) {
        transforms.transform(options_.seed, epoch_, images[i], data_.image(images[i]), made);
      }
      std::ranges::copy(outlier || transforms.transform ? ImageView(made) : data_.image(images[i]),
                        slot.pixels.data() + row * kImagePixels);
      slot.labels[row] = outlier ? uint8_t{0} : data_.labels[images[i]];
      if (options_.draw_outlier) slot.outliers[row] = outlier ? 1 : 0;
    }
    if (options_.soft_targets) {
      options_.soft_targets(
          std::span(slot.pixels).subspan(first * kImagePixels, images.size() * kImagePixels),
          std::span(slot.soft_targets)
              .subspan(first * options_.classes, images.size() * options_.classes));
    }
    for (size_t i = 0; i < images.size(); ++i) {
      const size_t row = first + i;
      uint8_t* const pixels = slot.pixels.data() + row * kImagePixels;
      const ImageView image(pixels, kImagePixels);
      if (transforms.soiling) {
        transforms.soiling(options_.seed, epoch_, images[i], image, made);
        std::ranges::copy(made, pixels);
      }
      if (images_ == InputForm::kSparse) {
        slot.rows[row] = Sparse(image, slot.sparse_pixels.data() + row * kImagePixels);
      }
    }
  }

  const DataSet& data_;
  const size_t max_batch_;
  const float scale_;
  const InputForm images_;
  const PreparedBatchOptions options_;
  std::array<float, 256> values_;
  Transforms own_transforms_;  // of the thread that asks for batches
  std::array<Slot, kSlots> slots_;
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable work_;  // there may be some, or it is time to end
  std::condition_variable done_;  // a batch, or all that was begun
  bool ending_ = false;
  uint64_t epoch_ = 0;
  std::span<const uint32_t> order_;
  size_t batches_ = 0;     // of the epoch
  size_t next_batch_ = 0;  // the first with a chunk that nobody has begun
  size_t next_chunk_ = 0;  // that one
  size_t taken_ = 0;       // batches that the caller has asked for
  size_t running_ = 0;     // chunks that are being done
};

}  // namespace

std::unique_ptr<BatchSource> MakePreparedBatches(const DataSet& data, size_t max_batch, float scale,
                                                 InputForm images,
                                                 const PreparedBatchOptions& options) {
  return std::make_unique<PreparedBatches>(data, max_batch, scale, images, options);
}

}  // namespace digits
