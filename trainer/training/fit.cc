#include "trainer/training/fit.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>

#include "server/image/image.h"
#include "trainer/training/checkpoint.h"
#include "trainer/training/multilayer_perceptron.h"
#include "trainer/training/optimizer.h"
#include "trainer/training/random.h"
#include "trainer/training/schedule.h"
#include "trainer/training/weight_average.h"

namespace digits {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

Measures ToMeasures(const Score& score) { return {score.mean_loss(), score.accuracy()}; }

std::vector<uint32_t> Indices(size_t n) {
  std::vector<uint32_t> indices(n);
  std::iota(indices.begin(), indices.end(), 0u);
  return indices;
}

// By the loss: the accuracy on some thousand images moves by whole images, and the epoch where it
// is greatest is often an early one that was lucky.
bool IsBetter(const Measures& one, const Measures& other) { return one.loss < other.loss; }

// In which form the first layer is fastest: images that are made anew are sparse for loops of our
// own, and pixels, which need no making, for the library.
InputForm FormOf(const FitOptions& options, bool made) {
  LayerShape first;
  first.inputs = kImagePixels;
  first.outputs = options.hidden.empty() ? options.class_names.size()
                                         : static_cast<size_t>(options.hidden.front());
  first.input = InputForm::kSparse;
  return made && !LoopsAreFaster(first) ? InputForm::kPixels : InputForm::kSparse;
}

std::vector<int> Widths(const FitOptions& options) {
  std::vector<int> widths = {static_cast<int>(kImagePixels)};
  widths.insert(widths.end(), options.hidden.begin(), options.hidden.end());
  widths.push_back(static_cast<int>(options.class_names.size()));
  return widths;
}

bool AllFinite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float v) { return std::isfinite(v); });
}

// Whether the numbers are below `end` and each comes once.
bool AreDistinct(std::span<const uint32_t> numbers, size_t end) {
  std::vector<bool> seen(end);
  for (const uint32_t number : numbers) {
    if (number >= end || seen[number]) return false;
    seen[number] = true;
  }
  return true;
}

bool SameShapes(const std::vector<DenseLayer>& layers, const std::vector<int>& widths) {
  if (layers.size() + 1 != widths.size()) return false;
  for (size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].inputs != widths[i] || layers[i].outputs != widths[i + 1]) return false;
  }
  return true;
}

// One fit, from its first batch to its last.
class Trainer {
 public:
  Trainer(const TrainingData& data, const FitOptions& options, MultilayerPerceptron network,
          const std::atomic<bool>& stop, FitObserver& observer, const FitImages& images,
          const Checkpoints& checkpoints)
      : data_(data),
        options_(options),
        checkpoints_(checkpoints),
        max_batch_(static_cast<size_t>(options.batch)),
        images_made_(images.made()),
        form_(FormOf(options, images_made_)),
        network_(std::move(network)),
        optimizer_(MakeOptimizer({.kind = options.optimizer,
                                  .momentum = options.momentum,
                                  .nesterov = options.nesterov,
                                  .weight_decay = options.weight_decay},
                                 network_.parameters())),
        stop_(stop),
        observer_(observer),
        shuffle_(options.seed, RandomStream::kShuffle),
        training_(Indices(data.train.size())) {
    loss_.loss = options.loss;
    loss_.label_smoothing = static_cast<float>(options.label_smoothing);
    loss_.temperature = static_cast<float>(images.temperature);
    loss_.hard_share = static_cast<float>(images.hard_share);
    if (options.ema > 0) average_.emplace(network_.parameters(), options.ema);
    const float scale = Network().input_scale;
    if (const size_t count = ValidationImages(options, training_.size()); count > 0) {
      training_ = SplitOrder(training_.size());
      validation_.assign(training_.end() - static_cast<ptrdiff_t>(count), training_.end());
      training_.resize(training_.size() - count);
      validation_loader_.emplace(data.train, max_batch_, scale, form_);
    } else if (data.test) {
      validation_loader_.emplace(*data.test, max_batch_, scale, form_);
      validation_ = Indices(data.test->size());
    }
    const size_t first = std::min(max_batch_, data.train.size());
    first_images_.pixels.assign(
        data.train.pixels.begin(),
        data.train.pixels.begin() + static_cast<ptrdiff_t>(first * kImagePixels));
    first_images_.labels.assign(data.train.labels.begin(),
                                data.train.labels.begin() + static_cast<ptrdiff_t>(first));
    first_loader_.emplace(first_images_, max_batch_, scale, form_);
    const size_t outliers = Outliers(options, training_.size());
    assert(outliers == 0 || images.draw_outlier);
    for (size_t i = 0; i < outliers; ++i) {
      training_.push_back(static_cast<uint32_t>(data.train.size() + i));
    }
    numbers_ = data.train.size() + outliers;
    if (images_made_) {
      source_ = MakePreparedBatches(data.train, max_batch_, scale, form_,
                                    {.make_transform = images.make_transform,
                                     .make_soiling = images.make_soiling,
                                     .soft_targets = images.soft_targets,
                                     .classes = options.class_names.size(),
                                     .draw_outlier = images.draw_outlier,
                                     .echo = static_cast<uint64_t>(options.echo),
                                     .seed = options.seed,
                                     .threads = static_cast<size_t>(images.threads)});
    } else {
      source_ = MakeStoredBatches(data.train, max_batch_, scale, form_);
    }
    schedule_.kind = options.schedule;
    schedule_.learning_rate = options.learning_rate;
    schedule_.warmup_steps =
        static_cast<uint64_t>(std::llround(options.warmup * static_cast<double>(batches())));
    schedule_.steps = static_cast<uint64_t>(options.epochs) * batches();
    if (checkpoints.path.empty()) return;
    for (const OptionText& text : Describe(options)) identity_[text.name] = text.value;
    identity_.insert(images.identity.begin(), images.identity.end());
    identity_["data_sha256"] = Sha256(data.train);
  }

  absl::StatusOr<FitResult> Run() {
    if (!checkpoints_.path.empty() && checkpoints_.resume) {
      if (absl::Status status = Resume(); !status.ok()) return status;
    }
    FitResult result;
    for (int epoch = static_cast<int>(history_.size()) + 1; epoch <= options_.epochs; ++epoch) {
      if (stop_ || OutOfPatience()) break;
      observer_.OnEpochBegin(epoch);
      const Clock::time_point begin = Clock::now();
      shuffle_.Shuffle(training_);
      const absl::StatusOr<Score> score = TrainEpoch(epoch, begin);
      if (!score.ok()) return score.status();
      if (trained_ < static_cast<size_t>(epoch) * training_.size()) break;  // stopped within it

      EpochRecord record;
      record.epoch = epoch;
      record.seconds = SecondsSince(begin);
      record.train = ToMeasures(*score);
      Conclude(record);
      observer_.OnEpochEnd(record, batches());
      if (record.validation && !std::isfinite(record.validation->loss)) {
        return Diverged(
            fmt::format("the val_loss of epoch {} is {}", epoch, record.validation->loss));
      }
      if (absl::Status status = SaveCheckpoint(); !status.ok()) return status;
    }
    result.out_of_patience = OutOfPatience();
    // It may have been asked to when nothing was left to do.
    result.stopped =
        stop_ && !result.out_of_patience && history_.size() < static_cast<size_t>(options_.epochs);
    return Finish(std::move(result));
  }

 private:
  size_t batches() const { return (training_.size() + max_batch_ - 1) / max_batch_; }

  absl::Status Diverged(std::string_view what) const {
    return absl::FailedPreconditionError(fmt::format(
        "training has diverged: {}; try a lower learning rate than {}{}{}", what,
        options_.learning_rate,
        options_.momentum > 0 ? fmt::format(" or less momentum than {}", options_.momentum) : "",
        checkpoints_.path.empty() ? "" : ", and another checkpoint"));
  }

  // Trains the images in their order, up to the batch after which it is to stop.
  absl::StatusOr<Score> TrainEpoch(int epoch, Clock::time_point begin) {
    Score score;
    source_->BeginEpoch(static_cast<uint64_t>(epoch), training_);
    for (size_t batch = 1; batch <= batches(); ++batch) {
      const uint64_t step = optimizer_->steps();
      const Batch images = source_->Next();
      const Score of_batch = network_.Differentiate(
          images, loss_, {static_cast<float>(options_.dropout), options_.seed, step});
      if (const double loss = of_batch.loss + of_batch.outlier_loss; !std::isfinite(loss)) {
        return Diverged(fmt::format("the loss of step {} (batch {} of epoch {}) is {}", step + 1,
                                    batch, epoch, loss));
      }
      optimizer_->Step(LearningRate(schedule_, step));
      if (average_) average_->Update(step + 1);
      score.Add(of_batch);
      trained_ += images.labels.size();
      observer_.OnBatch({epoch, batch, batches(), SecondsSince(begin), ToMeasures(score)});
      if (stop_) break;
    }
    return score;
  }

  // Validates the weights of an epoch, or their average, and keeps them where they are the best.
  void Conclude(EpochRecord& record) {
    if (average_) average_->Swap();
    if (!validation_.empty()) record.validation = Validate();
    if (options_.keep_last) best_.reset();
    if (options_.validation_split > 0 &&
        (!best_ || IsBetter(*record.validation, best_->validation))) {
      best_ = BestEpoch{record.epoch, *record.validation, network_.ToLayers()};
    }
    if (average_) average_->Swap();
    history_.push_back(record);
  }

  Measures Validate() {
    Score score;
    while (score.images < validation_.size()) {
      const std::span<const uint32_t> rest = std::span(validation_).subspan(score.images);
      score.Add(network_.Evaluate(
          validation_loader_->Load(rest.first(std::min(max_batch_, rest.size()))), options_.loss));
    }
    return ToMeasures(score);
  }

  bool OutOfPatience() const {
    if (options_.patience == 0) return false;
    const int best = best_ ? best_->epoch : 0;
    return static_cast<int>(history_.size()) - best >= options_.patience;
  }

  absl::StatusOr<FitResult> Finish(FitResult result) {
    result.network.class_names = options_.class_names;
    result.history = history_;
    if (best_) {
      result.validation = best_->validation;
      result.epochs = best_->epoch;
      result.network.layers = best_->layers;
      result.network.layers.back().activation = Activation::kSoftmax;
      for (size_t i = 0; i + 1 < result.network.layers.size(); ++i) {
        result.network.layers[i].activation = options_.activation;
      }
    } else {
      if (absl::Status status = CheckAnswers(); !status.ok()) return status;
      if (average_) average_->Swap();
      result.network.layers = network_.ToLayers();
      if (average_) average_->Swap();
      result.epochs = static_cast<double>(trained_) / static_cast<double>(training_.size());
    }
    if (absl::Status status = CheckNetwork(result.network); !status.ok()) {
      return Diverged({status.message().data(), status.message().size()});
    }
    return result;
  }

  // Weights that are numbers may still answer none. Asks those that are trained, not their average.
  absl::Status CheckAnswers() {
    const Score score =
        network_.Evaluate(first_loader_->Load(Indices(first_images_.size())), options_.loss);
    if (std::isfinite(score.loss)) return absl::OkStatus();
    return Diverged(fmt::format("after step {} the loss of the first images is {}",
                                optimizer_->steps(), score.mean_loss()));
  }

  bool IsTimeToSave(int epoch) const {
    if (epoch == options_.epochs || OutOfPatience()) return true;
    // Within an echo, images would have to be made again whose soft targets came from other
    // batches, and may have been rounded otherwise.
    return epoch % options_.echo == 0 && epoch - saved_epoch_ >= checkpoints_.every;
  }

  // At the end of an epoch. An error where something is no number: such is not saved.
  absl::Status SaveCheckpoint() {
    const int epoch = history_.back().epoch;
    if (checkpoints_.path.empty() || !IsTimeToSave(epoch)) return absl::OkStatus();
    saved_epoch_ = epoch;
    for (const ParameterGroup& group : network_.parameters()) {
      if (!AllFinite(group.values)) {
        return Diverged(fmt::format("after epoch {} a weight is not a finite number", epoch));
      }
    }
    for (const std::vector<FloatBuffer>& memory : optimizer_->memories()) {
      if (!std::ranges::all_of(memory, AllFinite)) {
        return Diverged(
            fmt::format("after epoch {} a sum of gradients is not a finite number", epoch));
      }
    }
    if (absl::Status status = CheckAnswers(); !status.ok()) return status;
    Checkpoint checkpoint;
    checkpoint.identity = identity_;
    checkpoint.steps = optimizer_->steps();
    checkpoint.weights = network_.ToLayers();
    for (std::vector<FloatBuffer>& memory : optimizer_->memories()) {
      checkpoint.memories.push_back(network_.ToLayers(memory));
    }
    if (average_) checkpoint.average = network_.ToLayers(average_->averages());
    checkpoint.best = best_;
    checkpoint.shuffle = shuffle_.Save();
    checkpoint.order = training_;
    checkpoint.history = history_;
    if (absl::Status status = WriteCheckpoint(checkpoint, checkpoints_.path); !status.ok()) {
      observer_.OnCheckpointFailed(status);
    }
    return absl::OkStatus();
  }

  absl::Status Resume() {
    absl::StatusOr<Checkpoint> checkpoint = ReadCheckpoint(checkpoints_.path);
    if (absl::IsNotFound(checkpoint.status())) return absl::OkStatus();
    if (!checkpoint.ok()) return checkpoint.status();
    if (absl::Status status = CheckIdentity(checkpoint->identity, identity_, checkpoints_.path);
        !status.ok()) {
      return status;
    }
    // What is of the same identity fits, unless somebody has made the file by hand.
    const std::vector<int> widths = Widths(options_);
    const std::span<std::vector<FloatBuffer>> memories = optimizer_->memories();
    bool fits =
        SameShapes(checkpoint->weights, widths) && checkpoint->memories.size() == memories.size() &&
        (!average_ || SameShapes(checkpoint->average, widths)) &&
        (!checkpoint->best || SameShapes(checkpoint->best->layers, widths)) &&
        checkpoint->history.size() <= static_cast<size_t>(options_.epochs) &&
        checkpoint->order.size() == training_.size() && AreDistinct(checkpoint->order, numbers_);
    for (const std::vector<DenseLayer>& memory : checkpoint->memories) {
      fits = fits && SameShapes(memory, widths);
    }
    if (!fits || !shuffle_.Restore(checkpoint->shuffle)) {
      return absl::InvalidArgumentError(fmt::format(
          "{}: what it holds does not fit the network it says it is of", checkpoints_.path));
    }
    network_.Load(checkpoint->weights);
    for (size_t k = 0; k < memories.size(); ++k) {
      network_.Load(checkpoint->memories[k], memories[k]);
    }
    if (average_) network_.Load(checkpoint->average, average_->averages());
    optimizer_->set_steps(checkpoint->steps);
    best_ = std::move(checkpoint->best);
    training_ = std::move(checkpoint->order);
    history_ = std::move(checkpoint->history);
    saved_epoch_ = static_cast<int>(history_.size());
    trained_ = history_.size() * training_.size();
    observer_.OnResume(static_cast<int>(history_.size()));
    return absl::OkStatus();
  }

  const TrainingData& data_;
  const FitOptions& options_;
  const Checkpoints& checkpoints_;
  std::map<std::string, std::string> identity_;
  const size_t max_batch_;
  const bool images_made_;
  const InputForm form_;
  MultilayerPerceptron network_;
  const std::unique_ptr<Optimizer> optimizer_;
  std::optional<WeightAverage> average_;
  LossOptions loss_;
  Schedule schedule_;
  const std::atomic<bool>& stop_;
  FitObserver& observer_;
  Random shuffle_;
  // Images of the training part that are trained, and outliers, whose numbers come after all these.
  std::vector<uint32_t> training_;
  size_t numbers_ = 0;                // none of them is greater or equal
  std::vector<uint32_t> validation_;  // of the training part, or of the test part
  std::optional<BatchLoader> validation_loader_;
  DataSet first_images_;  // of the training part, a batch of them
  std::optional<BatchLoader> first_loader_;
  std::unique_ptr<BatchSource> source_;
  size_t trained_ = 0;  // of training_, over all epochs
  std::vector<EpochRecord> history_;
  int saved_epoch_ = 0;            // of the checkpoint
  std::optional<BestEpoch> best_;  // by the validation split, or the last if that is kept
};

}  // namespace

absl::StatusOr<FitResult> Fit(const TrainingData& data, const FitOptions& options,
                              const std::atomic<bool>& stop, FitObserver& observer,
                              const FitImages& images, const Checkpoints& checkpoints) {
  if (absl::Status status = CheckFitOptions(options); !status.ok()) return status;
  if (absl::Status status = CheckFitImages(options, data.train.size()); !status.ok()) {
    return status;
  }
  omp_set_num_threads(ComputingThreads(options));
  absl::StatusOr<MultilayerPerceptron> network = MultilayerPerceptron::Make(
      GlorotLayers(Widths(options), options.activation, options.seed),
      static_cast<size_t>(options.batch), FormOf(options, images.made()));
  if (!network.ok()) return network.status();
  return Trainer(data, options, *std::move(network), stop, observer, images, checkpoints).Run();
}

}  // namespace digits
