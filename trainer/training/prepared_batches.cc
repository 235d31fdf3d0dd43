#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>

#include "trainer/training/batch_source.h"
#include "trainer/training/echo_memory.h"

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
  PreparedImages prepared;
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
  // Eight pixels at a time: most of them are zero, and all of a group's most often.
  constexpr uint16_t kGroup = sizeof(uint64_t);
  static_assert(kImagePixels % kGroup == 0);
  for (uint16_t first = 0; first < kImagePixels; first += kGroup) {
    uint64_t group = 0;
    std::memcpy(&group, image.data() + first, sizeof group);
    if (group == 0) continue;
    for (uint16_t column = first; column < first + kGroup; ++column) {
      *end = {column, image[column]};
      end += image[column] != 0 ? 1 : 0;
    }
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
      slot.prepared.Resize(max_batch, classes(), with_outliers());
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
      // The first of those that train the same images.
      epoch_ = epoch - (epoch - 1) % options_.echo;
      order_ = order;
      if (options_.echo > 1 && !order.empty()) {
        const size_t numbers = std::ranges::max(order) + size_t{1};
        if (!memory_ || memory_->images() < numbers) {
          memory_.emplace(numbers, classes(), with_outliers());
        }
      }
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
    const PreparedImages& prepared = slot.prepared;
    result.labels = std::span(prepared.labels).first(slot.images);
    result.soft_targets = std::span(prepared.soft_targets).first(slot.images * classes());
    if (with_outliers()) result.outliers = std::span(prepared.outliers).first(slot.images);
    if (images_ == InputForm::kSparse) {
      result.images = SparseRows{std::span(slot.rows).first(slot.images), values_.data()};
    } else {
      result.images = PixelRows{prepared.pixels.data(), scale_};
    }
    return result;
  }

 private:
  // Of the soft targets; 0 where there are none.
  size_t classes() const { return options_.soft_targets ? options_.classes : 0; }
  bool with_outliers() const { return options_.draw_outlier != nullptr; }

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
               Slot& slot) {
    PreparedImages& rows = slot.prepared;
    if (!memory_ || !memory_->Recall(epoch_, images, first, rows)) {
      Make(images, first, transforms, rows);
      if (memory_) memory_->Keep(epoch_, images, first, rows);
    }
    if (images_ != InputForm::kSparse) return;
    for (size_t row = first; row < first + images.size(); ++row) {
      slot.rows[row] = Sparse(ImageView(rows.pixels.data() + row * kImagePixels, kImagePixels),
                              slot.sparse_pixels.data() + row * kImagePixels);
    }
  }

  void Make(std::span<const uint32_t> images, size_t first, const Transforms& transforms,
            PreparedImages& rows) const {
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
                        rows.pixels.data() + row * kImagePixels);
      rows.labels[row] = outlier ? uint8_t{0} : data_.labels[images[i]];
      if (with_outliers()) rows.outliers[row] = outlier ? 1 : 0;
    }
    if (options_.soft_targets) {
      options_.soft_targets(
          std::span(rows.pixels).subspan(first * kImagePixels, images.size() * kImagePixels),
          std::span(rows.soft_targets).subspan(first * classes(), images.size() * classes()));
    }
    if (!transforms.soiling) return;
    for (size_t i = 0; i < images.size(); ++i) {
      uint8_t* const pixels = rows.pixels.data() + (first + i) * kImagePixels;
      transforms.soiling(options_.seed, epoch_, images[i], ImageView(pixels, kImagePixels), made);
      std::ranges::copy(made, pixels);
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
  std::optional<EchoMemory> memory_;  // where images are trained more than once
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable work_;  // there may be some, or it is time to end
  std::condition_variable done_;  // a batch, or all that was begun
  bool ending_ = false;
  uint64_t epoch_ = 0;  // in which the images are made
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
