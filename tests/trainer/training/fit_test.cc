#include "trainer/training/fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "server/engine/onednn_classifier.h"
#include "tests/trainer/training/quarters.h"
#include "trainer/data/strokes.h"
#include "trainer/training/checkpoint.h"

namespace digits {
namespace {

FitResult FitOrDie(const TrainingData& data, const FitOptions& options) {
  FitObserver silent;
  absl::StatusOr<FitResult> result = Fit(data, options, kGoOn, silent);
  EXPECT_TRUE(result.ok()) << result.status();
  return *std::move(result);
}

bool SameWeights(const FitResult& a, const FitResult& b) {
  for (size_t i = 0; i < a.network.layers.size(); ++i) {
    if (a.network.layers[i].weights != b.network.layers[i].weights) return false;
    if (a.network.layers[i].bias != b.network.layers[i].bias) return false;
  }
  return true;
}

// Calls a function after each batch.
class BatchObserver : public FitObserver {
 public:
  explicit BatchObserver(std::function<void(const BatchProgress&)> on_batch)
      : on_batch_(std::move(on_batch)) {}
  void OnBatch(const BatchProgress& progress) override { on_batch_(progress); }

 private:
  std::function<void(const BatchProgress&)> on_batch_;
};

TEST(FitTest, LossFallsAndAccuracyRises) {
  const FitResult result = FitOrDie({Quarters(400, 1), Quarters(100, 2)}, SmallFit());
  ASSERT_EQ(result.history.size(), 4u);
  EXPECT_LT(result.history[3].train.loss, 0.5 * result.history[0].train.loss);
  EXPECT_GT(result.history[3].train.accuracy, result.history[0].train.accuracy);
  EXPECT_GT(result.history[3].validation->accuracy, 0.99);
  EXPECT_EQ(result.epochs, 4);
  EXPECT_FALSE(result.stopped);
  EXPECT_FALSE(result.validation) << "nothing was kept out to choose by";
}

TEST(FitTest, LearnsTheBuiltInStrokes) {
  FitOptions options;
  options.learning_rate = 0.1;
  const FitResult result = FitOrDie({DrawStrokes(3'000, 1), DrawStrokes(500, 2)}, options);
  EXPECT_GT(result.history.back().validation->accuracy, 0.8);
}

TEST(FitTest, EveryLossActivationAndDepthLearns) {
  for (const Loss loss : {Loss::kCrossEntropy, Loss::kMeanSquaredError}) {
    for (const Activation activation :
         {Activation::kRelu, Activation::kSigmoid, Activation::kTanh}) {
      for (const std::vector<int>& hidden : {std::vector<int>{}, {20}, {16, 16}, {150, 40}}) {
        FitOptions options = SmallFit();
        options.loss = loss;
        options.activation = activation;
        options.hidden = hidden;
        options.learning_rate = 0.2;
        options.momentum = 0.9;
        options.epochs = 15;
        const FitResult result = FitOrDie({Quarters(300, 1), std::nullopt}, options);
        EXPECT_GT(result.history.back().train.accuracy, 0.95)
            << "loss " << static_cast<int>(loss) << ", activation " << static_cast<int>(activation)
            << ", " << hidden.size() << " hidden layers";
        EXPECT_TRUE(CheckNetwork(result.network).ok());
      }
    }
  }
}

class SeedTest : public testing::TestWithParam<std::vector<int>> {};

TEST_P(SeedTest, SameSeedSameBitsOtherSeedOthers) {
  const TrainingData data = {Quarters(330, 1), std::nullopt};
  FitOptions options = SmallFit();
  options.hidden = GetParam();
  options.epochs = 2;
  const FitResult first = FitOrDie(data, options);
  EXPECT_TRUE(SameWeights(first, FitOrDie(data, options)));
  options.seed = 2;
  EXPECT_FALSE(SameWeights(first, FitOrDie(data, options)));
}

INSTANTIATE_TEST_SUITE_P(LoopsAndOnednn, SeedTest,
                         testing::Values(std::vector<int>{16, 16}, std::vector<int>{200, 100}));

TEST(FitTest, SameSeedSameBitsWithSeveralThreads) {
  const TrainingData data = {Quarters(330, 1), std::nullopt};
  FitOptions options = SmallFit();
  options.hidden = {200, 100};
  options.epochs = 2;
  options.threads = 2;
  EXPECT_TRUE(SameWeights(FitOrDie(data, options), FitOrDie(data, options)));
}

TEST(FitTest, WatchingATestPartChangesNothing) {
  const FitResult watched = FitOrDie({Quarters(200, 1), Quarters(50, 2)}, SmallFit());
  EXPECT_TRUE(SameWeights(watched, FitOrDie({Quarters(200, 1), std::nullopt}, SmallFit())));
}

TEST(FitTest, TheLastSmallerBatchIsTrainedToo) {
  FitOptions options = SmallFit();
  options.epochs = 1;
  std::vector<BatchProgress> seen;
  BatchObserver observer([&](const BatchProgress& progress) { seen.push_back(progress); });
  const auto result = Fit({Quarters(70, 1), std::nullopt}, options, kGoOn, observer);
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(seen.size(), 3u);  // 32 + 32 + 6
  EXPECT_EQ(seen.back().batches, 3u);

  // The accuracy is that of all 70 images.
  EXPECT_NEAR(std::remainder(result->history[0].train.accuracy * 70, 1), 0, 1e-9);
}

TEST(FitTest, AValidationSplitKeepsTheEpochOfTheLeastLoss) {
  FitOptions options = SmallFit();
  options.validation_split = 0.25;
  options.batch = 4;
  options.momentum = 0.9;
  options.epochs = 12;
  options.hidden = {};
  TrainingData data = {Quarters(80, 1), Quarters(20, 2)};
  for (size_t i = 0; i < data.train.labels.size(); i += 3) data.train.labels[i] = 0;  // noise
  const FitResult result = FitOrDie(data, options);

  ASSERT_EQ(result.history.size(), 12u);
  size_t best = 0;
  size_t most_accurate = 0;
  for (size_t i = 0; i < result.history.size(); ++i) {
    const Measures& here = *result.history[i].validation;
    if (here.loss < result.history[best].validation->loss) best = i;
    if (here.accuracy > result.history[most_accurate].validation->accuracy) most_accurate = i;
  }
  ASSERT_NE(best, 11u) << "the case does not tell the best from the last";
  ASSERT_NE(best, most_accurate) << "the case does not tell loss from accuracy";
  EXPECT_EQ(result.epochs, static_cast<double>(best + 1));
  EXPECT_EQ(result.validation->loss, result.history[best].validation->loss);

  options.keep_last = true;
  const FitResult last = FitOrDie(data, options);
  EXPECT_EQ(last.epochs, 12);
  EXPECT_EQ(last.validation->loss, result.history[11].validation->loss);
  EXPECT_FALSE(SameWeights(last, result));

  // As long a fit as the best one was gives the same weights as its last.
  options.epochs = static_cast<int>(best + 1);
  EXPECT_TRUE(SameWeights(result, FitOrDie(data, options)));
}

TEST(FitTest, StopsAfterTheBatchAtHand) {
  std::atomic<bool> stop = false;
  int batches = 0;
  BatchObserver observer([&](const BatchProgress& progress) {
    ++batches;
    if (progress.epoch == 2 && progress.batch == 2) stop = true;
  });
  const auto result = Fit({Quarters(128, 1), std::nullopt}, SmallFit(), stop, observer);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->stopped);
  EXPECT_EQ(batches, 4 + 2);
  EXPECT_EQ(result->history.size(), 1u) << "only whole epochs are recorded";
  EXPECT_EQ(result->epochs, 1.5);
  EXPECT_TRUE(CheckNetwork(result->network).ok());
}

TEST(FitTest, AskedToStopWhenAllIsDoneItIsDone) {
  std::atomic<bool> stop = false;
  const FitOptions options = SmallFit();
  BatchObserver observer([&](const BatchProgress& progress) {
    stop = progress.epoch == options.epochs && progress.batch == progress.batches;
  });
  const auto result = Fit({Quarters(128, 1), std::nullopt}, options, stop, observer);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(stop);
  EXPECT_FALSE(result->stopped);
  EXPECT_EQ(result->epochs, options.epochs);
}

TEST(FitTest, StoppedWithASplitTheBestWholeEpochRemains) {
  std::atomic<bool> stop = false;
  BatchObserver observer([&](const BatchProgress& progress) { stop = progress.epoch == 2; });
  FitOptions options = SmallFit();
  options.validation_split = 0.2;
  const auto result = Fit({Quarters(160, 1), std::nullopt}, options, stop, observer);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->stopped);
  EXPECT_EQ(result->epochs, 1);
  EXPECT_EQ(result->validation->loss, result->history[0].validation->loss);
}

// Everything that a fit can do at once.
FitOptions Everything() {
  FitOptions options = SmallFit();
  options.hidden = {200, 40};
  options.activation = Activation::kTanh;
  options.optimizer = OptimizerKind::kAdamW;
  options.learning_rate = 0.003;
  options.weight_decay = 0.01;
  options.schedule = ScheduleKind::kCosine;
  options.warmup = 0.5;
  options.label_smoothing = 0.1;
  options.dropout = 0.2;
  options.outliers = 0.25;
  options.ema = 0.9;
  options.validation_split = 0.2;
  options.epochs = 6;
  return options;
}

// Moves an image by what seed, epoch and number make.
void Shift(uint64_t seed, uint64_t epoch, uint64_t image, ImageView in, Image& out) {
  const size_t by = (seed + 3 * epoch + 5 * image) % 3;
  for (size_t p = 0; p < kImagePixels; ++p) out.at(p) = p < by ? uint8_t{0} : in[p - by];
}

// The first and the last class at once.
void DrawTwoQuarters(uint64_t seed, uint64_t epoch, uint64_t index, Image& out) {
  const auto ink = static_cast<uint8_t>(30 + (seed + 3 * epoch + 5 * index) % 64);
  for (size_t p = 0; p < kImagePixels; ++p) {
    const bool low = p / kImageSide >= 14;
    const bool right = p % kImageSide >= 14;
    out.at(p) = low == right ? ink : uint8_t{0};
  }
}

FitImages Shifted(int threads) {
  FitImages images;
  images.make_transform = [] { return Shift; };
  images.draw_outlier = DrawTwoQuarters;
  images.threads = threads;
  images.identity = {{"shift", "yes"}};
  return images;
}

TEST(FitTest, EverythingTogetherLearns) {
  FitObserver silent;
  const auto result =
      Fit({Quarters(400, 1), std::nullopt}, Everything(), kGoOn, silent, Shifted(2));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GT(result->validation->accuracy, 0.99);
  EXPECT_EQ(result->network.layers[0].activation, Activation::kTanh);
  EXPECT_TRUE(CheckNetwork(result->network).ok());
}

TEST(FitTest, EachOptionMakesOtherWeights) {
  const TrainingData data = {Quarters(200, 1), std::nullopt};
  const FitResult plain = FitOrDie(data, SmallFit());
  const std::vector<std::function<void(FitOptions&)>> changes = {
      [](FitOptions& o) { o.label_smoothing = 0.1; },
      [](FitOptions& o) { o.dropout = 0.2; },
      [](FitOptions& o) { o.momentum = 0.5; },
      [](FitOptions& o) { o.weight_decay = 0.1; },
      [](FitOptions& o) { o.schedule = ScheduleKind::kCosine; },
      [](FitOptions& o) { o.warmup = 0.5; },
      [](FitOptions& o) { o.ema = 0.5; },
      [](FitOptions& o) { o.optimizer = OptimizerKind::kAdamW; },
      [](FitOptions& o) { o.activation = Activation::kTanh; }};
  for (size_t i = 0; i < changes.size(); ++i) {
    FitOptions options = SmallFit();
    changes[i](options);
    const FitResult changed = FitOrDie(data, options);
    EXPECT_FALSE(SameWeights(plain, changed)) << i;
    EXPECT_TRUE(SameWeights(changed, FitOrDie(data, options))) << i;
  }
}

TEST(FitTest, ThreadsThatPrepareImagesChangeNothing) {
  const TrainingData data = {Quarters(330, 1), std::nullopt};
  for (const std::vector<int>& hidden : {std::vector<int>{16}, {200}}) {
    FitOptions options = SmallFit();
    options.hidden = hidden;
    FitObserver silent;
    const auto one = Fit(data, options, kGoOn, silent, Shifted(1));
    const auto three = Fit(data, options, kGoOn, silent, Shifted(3));
    ASSERT_TRUE(one.ok() && three.ok());
    EXPECT_TRUE(SameWeights(*one, *three));
    EXPECT_FALSE(SameWeights(*one, FitOrDie(data, options))) << "as if nothing had been shifted";
  }
}

// A teacher that takes every image for class 1.
TEST(FitTest, SoftTargetsAreLearnt) {
  FitImages images;
  images.soft_targets = [](std::span<const uint8_t> pixels, std::span<float> probabilities) {
    for (size_t i = 0; i < pixels.size() / kImagePixels; ++i) {
      for (size_t c = 0; c < 4; ++c) probabilities[i * 4 + c] = c == 1 ? 0.97f : 0.01f;
    }
  };
  FitObserver silent;
  const auto result = Fit({Quarters(400, 1), Quarters(100, 2)}, SmallFit(), kGoOn, silent, images);
  ASSERT_TRUE(result.ok()) << result.status();
  const DataSet test = Quarters(100, 2);
  const double ones = static_cast<double>(std::ranges::count(test.labels, 1)) / 100;
  EXPECT_NEAR(result->history.back().validation->accuracy, ones, 1e-9);
}

TEST(FitTest, OutliersAreAnsweredWithAllClassesAlike) {
  FitOptions options = SmallFit();
  options.optimizer = OptimizerKind::kAdamW;
  options.outliers = 0.5;
  FitImages images;
  images.draw_outlier = DrawTwoQuarters;
  FitObserver silent;
  const auto result = Fit({Quarters(400, 1), Quarters(100, 2)}, options, kGoOn, silent, images);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GT(result->history.back().train.accuracy, 0.99) << "they do not count as mistakes";
  EXPECT_EQ(result->epochs, 4);
  const auto classifier = MakeOnednnClassifier(result->network, Precision::kF32);
  ASSERT_TRUE(classifier.ok()) << classifier.status();
  Image both;
  DrawTwoQuarters(1, 9, 0, both);
  std::vector<float> probabilities(4);
  (*classifier)->Classify(both, probabilities);
  EXPECT_THAT(probabilities, testing::Each(testing::FloatNear(0.25f, 0.1f)));
}

TEST(FitTest, PatienceEndsAFitThatGetsNoBetter) {
  FitOptions options = SmallFit();
  options.validation_split = 0.25;
  options.learning_rate = 0.5;
  options.momentum = 0.9;
  options.hidden = {};
  options.patience = 3;
  options.epochs = 1000;
  TrainingData data = {Quarters(80, 1), std::nullopt};
  for (size_t i = 0; i < data.train.labels.size(); i += 3) data.train.labels[i] = 0;  // noise
  const FitResult result = FitOrDie(data, options);
  EXPECT_TRUE(result.out_of_patience);
  EXPECT_FALSE(result.stopped);
  EXPECT_LT(result.history.size(), 1000u);
  EXPECT_EQ(static_cast<double>(result.history.size()), result.epochs + 3);
}

// With soft targets that depend on where an image stands among those that a teacher is asked about,
// as the last bits of a network's answers may.
FitImages Taught(int threads) {
  FitImages images = Shifted(threads);
  images.soft_targets = [](std::span<const uint8_t> pixels, std::span<float> targets) {
    const size_t count = pixels.size() / kImagePixels;
    const size_t classes = targets.size() / count;
    std::ranges::fill(targets, 0.0f);
    for (size_t i = 0; i < count; ++i) {
      const float share = static_cast<float>(i) / 100;
      targets[i * classes + pixels[i * kImagePixels + 300] % classes] += 1 - share;
      targets[i * classes + 1] += share;
    }
  };
  return images;
}

class CheckpointFitTest : public testing::TestWithParam<FitOptions> {
 protected:
  CheckpointFitTest() { std::filesystem::remove_all(folder_); }
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Fits until the observer's batch, counted over all epochs, if any.
  absl::StatusOr<FitResult> FitUntil(const FitOptions& options, int batches) {
    std::atomic<bool> stop = false;
    int count = 0;
    BatchObserver observer([&](const BatchProgress&) { stop = ++count == batches; });
    return Fit(data_, options, stop, observer, Taught(2), checkpoints_);
  }

  const TrainingData data_ = {Quarters(160, 1), std::nullopt};
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("CheckpointFitTest." + std::to_string(getpid()));
  const Checkpoints checkpoints_ = {(folder_ / "fit.checkpoint").string(), 1, true};
};

TEST_P(CheckpointFitTest, AFitInPiecesIsTheWholeFit) {
  FitObserver silent;
  const auto whole = Fit(data_, GetParam(), kGoOn, silent, Taught(1));
  ASSERT_TRUE(whole.ok()) << whole.status();
  // Seven batches at a time: more than an epoch of five, and never just the end of one. Where the
  // same images are trained for two epochs, a first one of these and a part of the second.
  const int batches = 7 + 10 * (GetParam().echo - 1);
  absl::StatusOr<FitResult> result = FitUntil(GetParam(), batches);
  int pieces = 1;
  for (; result.ok() && result->stopped && pieces < 50; ++pieces) {
    result = FitUntil(GetParam(), batches);
  }
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->stopped);
  EXPECT_GE(pieces, 4);
  EXPECT_TRUE(SameWeights(*whole, *result));
  EXPECT_EQ(whole->epochs, result->epochs);
  ASSERT_EQ(whole->history.size(), result->history.size());
  for (size_t i = 0; i < whole->history.size(); ++i) {
    EXPECT_EQ(whole->history[i].train.loss, result->history[i].train.loss);
  }
  // Resumed once more, a fit that is done has the same weights still.
  EXPECT_TRUE(SameWeights(*whole, *FitUntil(GetParam(), 0)));
}

FitOptions Momentum() {
  FitOptions options = SmallFit();
  options.momentum = 0.9;
  options.nesterov = true;
  return options;
}

FitOptions Echoed() {
  FitOptions options = Everything();
  options.echo = 2;
  options.epochs = 12;
  return options;
}

INSTANTIATE_TEST_SUITE_P(Fits, CheckpointFitTest,
                         testing::Values(SmallFit(), Momentum(), Everything(), Echoed()));

using RefusedCheckpointTest = CheckpointFitTest;

TEST_P(RefusedCheckpointTest, OfAnotherFitIsRefusedByWhatDiffers) {
  ASSERT_TRUE(FitUntil(GetParam(), 7).ok());
  FitOptions other = GetParam();
  other.hidden = {24};
  other.seed = 7;
  FitObserver silent;
  const auto options = Fit(data_, other, kGoOn, silent, Shifted(1), checkpoints_);
  EXPECT_EQ(options.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(options.status().message()),
              testing::AllOf(testing::HasSubstr("hidden is 16,16 there and 24 here"),
                             testing::HasSubstr("seed is 1 there and 7 here")));
  const auto data =
      Fit({Quarters(160, 9), std::nullopt}, GetParam(), kGoOn, silent, Shifted(1), checkpoints_);
  EXPECT_THAT(std::string(data.status().message()), testing::HasSubstr("data_sha256 is "));
  const auto images = Fit(data_, GetParam(), kGoOn, silent, {}, checkpoints_);
  EXPECT_THAT(std::string(images.status().message()),
              testing::HasSubstr("shift is yes there and absent here"));
}

TEST_P(RefusedCheckpointTest, ADivergedFitLeavesTheLastGoodOne) {
  ASSERT_TRUE(FitUntil(GetParam(), 7).ok());
  const auto size = std::filesystem::file_size(checkpoints_.path);
  FitOptions diverging = GetParam();
  diverging.learning_rate = 1e30;
  FitObserver silent;
  Checkpoints anew = checkpoints_;
  anew.resume = false;
  const auto result = Fit(data_, diverging, kGoOn, silent, {}, anew);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition) << result.status();
  EXPECT_EQ(std::filesystem::file_size(checkpoints_.path), size);
  EXPECT_TRUE(ReadCheckpoint(checkpoints_.path).ok());
}

// A teacher that loses its senses in the third epoch, over the images that it sees there.
TEST_P(RefusedCheckpointTest, AFitThatDivergesLaterLeavesTheEpochsBefore) {
  FitImages images = Shifted(2);
  images.make_transform = [] {
    return [](uint64_t, uint64_t epoch, uint64_t, ImageView in, Image& out) {
      std::ranges::copy(in, out.begin());
      out.at(0) = epoch == 3 ? uint8_t{255} : uint8_t{0};
    };
  };
  images.soft_targets = [](std::span<const uint8_t> pixels, std::span<float> probabilities) {
    std::ranges::fill(probabilities, pixels[0] == 255 ? std::nanf("") : 0.25f);
  };
  FitObserver silent;
  const auto result = Fit(data_, GetParam(), kGoOn, silent, images, checkpoints_);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition) << result.status();
  EXPECT_THAT(std::string(result.status().message()),
              testing::HasSubstr("the loss of step 11 (batch 1 of epoch 3) is nan"));
  const auto checkpoint = ReadCheckpoint(checkpoints_.path);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->history.size(), 2u);
  EXPECT_EQ(checkpoint->steps, 10u);
  for (const DenseLayer& layer : checkpoint->weights) {
    for (const float weight : layer.weights) ASSERT_TRUE(std::isfinite(weight));
  }
}

class FailureObserver : public FitObserver {
 public:
  void OnCheckpointFailed(const absl::Status& status) override { failures.push_back(status); }
  std::vector<absl::Status> failures;
};

TEST_P(RefusedCheckpointTest, AFileThatCannotBeWrittenIsSaidAndTheFitGoesOn) {
  FailureObserver observer;
  const Checkpoints nowhere = {(folder_ / "no" / "such").string(), 2, false};
  const auto result = Fit(data_, GetParam(), kGoOn, observer, {}, nowhere);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(observer.failures.size(), 2u) << "of epochs 2 and 4";
  EXPECT_THAT(std::string(observer.failures[0].message()), testing::HasSubstr(nowhere.path));
}

INSTANTIATE_TEST_SUITE_P(Fits, RefusedCheckpointTest, testing::Values(SmallFit()));

TEST(FitTest, RefusesOptionsThatTheDataDoNotAllow) {
  FitOptions options = SmallFit();
  options.batch = 101;
  FitObserver silent;
  EXPECT_EQ(Fit({Quarters(100, 1), std::nullopt}, options, kGoOn, silent).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace digits
