#include "trainer/training/fit.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>

#include "server/image/image.h"
#include "trainer/training/multilayer_perceptron.h"
#include "trainer/training/optimizer.h"
#include "trainer/training/random.h"

namespace digits {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

Measures ToMeasures(const Score& score) { return {score.mean_loss(), score.accuracy()}; }

// What the network's first layer sees of each level of a pixel.
std::array<float, 256> InputValues(float scale) {
  std::array<float, 256> values;
  for (size_t level = 0; level < values.size(); ++level) {
    values[level] = static_cast<float>(level) * scale;
  }
  return values;
}

// Gathers images of a data set into batches.
class BatchLoader {
 public:
  BatchLoader(const DataSet& data, size_t max_batch, float scale)
      : images_(data), labels_(data.labels), values_(InputValues(scale)) {
    batch_images_.reserve(max_batch);
    batch_labels_.reserve(max_batch);
  }

  // Valid until the next call.
  Batch Load(std::span<const uint32_t> images) {
    batch_images_.clear();
    batch_labels_.clear();
    for (const uint32_t image : images) {
      batch_images_.push_back(images_.row(image));
      batch_labels_.push_back(labels_[image]);
    }
    return {SparseRows{batch_images_, values_.data()}, batch_labels_, {}};
  }

 private:
  const SparseImages images_;
  const std::span<const uint8_t> labels_;
  const std::array<float, 256> values_;
  std::vector<SparseRow> batch_images_;
  std::vector<uint8_t> batch_labels_;
};

std::vector<uint32_t> Indices(size_t n) {
  std::vector<uint32_t> indices(n);
  std::iota(indices.begin(), indices.end(), 0u);
  return indices;
}

// One fit, from its first batch to its last.
class Trainer {
 public:
  Trainer(const TrainingData& data, const FitOptions& options, MultilayerPerceptron network,
          const std::atomic<bool>& stop, FitObserver& observer)
      : options_(options),
        max_batch_(static_cast<size_t>(options.batch)),
        network_(std::move(network)),
        optimizer_(MakeOptimizer({.momentum = options.momentum}, network_.parameters())),
        stop_(stop),
        observer_(observer),
        loader_(data.train, max_batch_, Network().input_scale),
        shuffle_(options.seed, RandomStream::kShuffle),
        training_(Indices(data.train.size())) {
    if (const size_t count = ValidationImages(options, training_.size()); count > 0) {
      Random(options.seed, RandomStream::kValidationSplit).Shuffle(training_);
      validation_.assign(training_.end() - static_cast<ptrdiff_t>(count), training_.end());
      training_.resize(training_.size() - count);
    } else if (data.test) {
      test_loader_.emplace(*data.test, max_batch_, Network().input_scale);
      validation_ = Indices(data.test->size());
    }
  }

  absl::StatusOr<FitResult> Run() {
    FitResult result;
    result.network.class_names = options_.class_names;
    for (int epoch = 1; epoch <= options_.epochs; ++epoch) {
      observer_.OnEpochBegin(epoch);
      const Clock::time_point begin = Clock::now();
      shuffle_.Shuffle(training_);
      const absl::StatusOr<Score> score = TrainEpoch(epoch, begin);
      if (!score.ok()) return score.status();
      if (score->images < training_.size()) break;  // stopped within the epoch

      EpochRecord record;
      record.epoch = epoch;
      record.seconds = SecondsSince(begin);
      record.train = ToMeasures(*score);
      if (!validation_.empty()) record.validation = Validate();
      result.history.push_back(record);
      observer_.OnEpochEnd(record, batches());
      if (options_.validation_split > 0) KeepIfBest(record, &result);
      if (stop_) break;
    }
    result.stopped = stop_;
    if (!result.validation) {
      if (options_.validation_split > 0 && !result.history.empty()) {
        return Diverged(fmt::format("the validation loss of epoch {} is {}",
                                    result.history.back().epoch,
                                    result.history.back().validation->loss));
      }
      result.network.layers = network_.ToLayers();
      result.epochs = static_cast<double>(trained_) / static_cast<double>(training_.size());
    }
    if (absl::Status status = CheckNetwork(result.network); !status.ok()) {
      return Diverged({status.message().data(), status.message().size()});
    }
    return result;
  }

 private:
  size_t batches() const { return (training_.size() + max_batch_ - 1) / max_batch_; }

  absl::Status Diverged(std::string_view what) const {
    return absl::FailedPreconditionError(fmt::format(
        "training has diverged: {}; try a lower learning rate than {}{}", what,
        options_.learning_rate,
        options_.momentum > 0 ? fmt::format(" or less momentum than {}", options_.momentum) : ""));
  }

  // Trains the images in their order, up to the batch after which it is to stop.
  absl::StatusOr<Score> TrainEpoch(int epoch, Clock::time_point begin) {
    Score score;
    for (size_t batch = 1; batch <= batches(); ++batch) {
      const std::span<const uint32_t> rest = std::span(training_).subspan(score.images);
      const Score of_batch = network_.Differentiate(
          loader_.Load(rest.first(std::min(max_batch_, rest.size()))), {options_.loss});
      if (!std::isfinite(of_batch.loss)) {
        return Diverged(fmt::format("the loss of batch {} of epoch {} is {}", batch, epoch,
                                    of_batch.mean_loss()));
      }
      optimizer_->Step(options_.learning_rate);
      score.Add(of_batch);
      observer_.OnBatch({epoch, batch, batches(), SecondsSince(begin), ToMeasures(score)});
      if (stop_) break;
    }
    trained_ += score.images;
    return score;
  }

  Measures Validate() {
    BatchLoader& loader = test_loader_ ? *test_loader_ : loader_;
    Score score;
    while (score.images < validation_.size()) {
      const std::span<const uint32_t> rest = std::span(validation_).subspan(score.images);
      score.Add(network_.Evaluate(loader.Load(rest.first(std::min(max_batch_, rest.size()))),
                                  options_.loss));
    }
    return ToMeasures(score);
  }

  void KeepIfBest(const EpochRecord& record, FitResult* result) const {
    if (!std::isfinite(record.validation->loss)) return;
    if (result->validation && record.validation->loss >= result->validation->loss) return;
    result->validation = record.validation;
    result->epochs = record.epoch;
    result->network.layers = network_.ToLayers();
  }

  const FitOptions& options_;
  const size_t max_batch_;
  MultilayerPerceptron network_;
  const std::unique_ptr<Optimizer> optimizer_;
  const std::atomic<bool>& stop_;
  FitObserver& observer_;
  BatchLoader loader_;                      // of the data's training part
  std::optional<BatchLoader> test_loader_;  // of its test part, where that is shown
  Random shuffle_;
  std::vector<uint32_t> training_;    // images of the training part that are trained
  std::vector<uint32_t> validation_;  // of the training part, or of the test part
  size_t trained_ = 0;                // images, over all epochs
};

}  // namespace

absl::StatusOr<FitResult> Fit(const TrainingData& data, const FitOptions& options,
                              const std::atomic<bool>& stop, FitObserver& observer) {
  if (absl::Status status = CheckFitOptions(options); !status.ok()) return status;
  if (absl::Status status = CheckFitImages(options, data.train.size()); !status.ok()) {
    return status;
  }
  omp_set_num_threads(options.threads);
  std::vector<int> widths = {static_cast<int>(kImagePixels)};
  widths.insert(widths.end(), options.hidden.begin(), options.hidden.end());
  widths.push_back(static_cast<int>(options.class_names.size()));
  absl::StatusOr<MultilayerPerceptron> network = MultilayerPerceptron::Make(
      GlorotLayers(widths, options.activation, options.seed), static_cast<size_t>(options.batch));
  if (!network.ok()) return network.status();
  return Trainer(data, options, *std::move(network), stop, observer).Run();
}

}  // namespace digits
