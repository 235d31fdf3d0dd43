// Where the batches of a fit come from.
#ifndef DIGITS_TRAINER_TRAINING_BATCH_SOURCE_H_
#define DIGITS_TRAINER_TRAINING_BATCH_SOURCE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "server/image/image.h"
#include "trainer/data/data_set.h"
#include "trainer/training/input.h"
#include "trainer/training/multilayer_perceptron.h"

namespace digits {

// Makes `out`, the image that is made for epoch `epoch` (from 1), from image number `image` of
// the data set. All that is random in it follows from the three numbers. Called by one thread at a
// time, so that it may own a workspace; must not throw.
using ImageTransform =
    std::function<void(uint64_t seed, uint64_t epoch, uint64_t image, ImageView in, Image& out)>;

// Soft targets: sets probabilities (n x classes) of images (n x 784), both row-major. Called by any
// number of threads at once; must not throw.
using TargetFunction =
    std::function<void(std::span<const uint8_t> pixels, std::span<float> probabilities)>;

// Makes `out`, an image of no class: the `index`th of epoch `epoch`. All that is random in it
// follows from the three numbers. Called by any number of threads at once; must not throw.
using OutlierFunction =
    std::function<void(uint64_t seed, uint64_t epoch, uint64_t index, Image& out)>;

// Gathers images of a data set into batches as they are.
class BatchLoader {
 public:
  // The data must outlive it. images: kSparse or kPixels.
  BatchLoader(const DataSet& data, size_t max_batch, float scale, InputForm images);

  // At most max_batch of them. Valid until the next call.
  Batch Load(std::span<const uint32_t> images);

 private:
  const DataSet& data_;
  const float scale_;
  std::unique_ptr<const SparseImages> sparse_;  // none where pixels are asked for
  std::array<float, 256> values_;               // of the levels of a sparse pixel
  std::vector<SparseRow> rows_;
  std::vector<uint8_t> pixels_;
  std::vector<uint8_t> labels_;
};

// Batches of one epoch after another. Used by one thread.
class BatchSource {
 public:
  virtual ~BatchSource() = default;

  // Begins an epoch of the images `order` of the data set, each at most once; the span must stay as
  // it is until the epoch ends. What was not taken of an epoch before is dropped.
  virtual void BeginEpoch(uint64_t epoch, std::span<const uint32_t> order) = 0;

  // The epoch's next images, max_batch or what is left; at least one must be. Valid until the next
  // call.
  virtual Batch Next() = 0;
};

// The images as they are.
std::unique_ptr<BatchSource> MakeStoredBatches(const DataSet& data, size_t max_batch, float scale,
                                               InputForm images);

struct PreparedBatchOptions {
  // Is asked for one transform for each thread; none: the images as they are.
  std::function<ImageTransform()> make_transform;
  // The same for what is done to them afterwards, outliers too, out of the sight of who makes soft
  // targets.
  std::function<ImageTransform()> make_soiling;
  TargetFunction soft_targets;  // or none
  size_t classes = 0;           // of the soft targets
  // Makes the images whose numbers the data set does not have, index 0 being the first of these.
  OutlierFunction draw_outlier;
  // So many epochs in a row train the same images and outliers, made as the first of them says.
  uint64_t echo = 1;
  uint64_t seed = 0;   // of the transforms and the outliers
  size_t threads = 1;  // that prepare, beside the one that asks; may be 0
};

// Images that threads of its own prepare, a few batches ahead of what is asked for. What a batch
// holds depends on the seed, the epoch and the order alone, not on the threads. A caller that comes
// too early helps. The data must outlive it.
std::unique_ptr<BatchSource> MakePreparedBatches(const DataSet& data, size_t max_batch, float scale,
                                                 InputForm images,
                                                 const PreparedBatchOptions& options);

}  // namespace digits

#endif  // DIGITS_TRAINER_TRAINING_BATCH_SOURCE_H_
