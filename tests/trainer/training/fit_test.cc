#include "trainer/training/fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "trainer/data/strokes.h"

namespace digits {
namespace {

const std::atomic<bool> kGoOn = false;

// Four classes, each a noisy block of ink in another quarter of the field.
DataSet Quarters(size_t count, uint64_t seed) {
  DataSet data;
  data.pixels.resize(count * kImagePixels);
  uint64_t state = seed;
  const auto next = [&state] {  // Knuth's MMIX
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint8_t>(state >> 56);
  };
  for (size_t i = 0; i < count; ++i) {
    const size_t label = next() % 4;
    data.labels.push_back(static_cast<uint8_t>(label));
    for (size_t y = 0; y < 14; ++y) {
      for (size_t x = 0; x < 14; ++x) {
        const size_t row = y + 14 * (label / 2);
        const size_t column = x + 14 * (label % 2);
        data.pixels[i * kImagePixels + row * kImageSide + column] = next() / 2;
      }
    }
  }
  return data;
}

FitOptions Small() {
  FitOptions options;
  options.class_names = {"a", "b", "c", "d"};
  options.epochs = 4;
  options.learning_rate = 0.05;
  return options;
}

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
  const FitResult result = FitOrDie({Quarters(400, 1), Quarters(100, 2)}, Small());
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
    for (const Activation activation : {Activation::kRelu, Activation::kSigmoid}) {
      for (const std::vector<int>& hidden : {std::vector<int>{}, {20}, {16, 16}, {150, 40}}) {
        FitOptions options = Small();
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
  FitOptions options = Small();
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
  FitOptions options = Small();
  options.hidden = {200, 100};
  options.epochs = 2;
  options.threads = 2;
  EXPECT_TRUE(SameWeights(FitOrDie(data, options), FitOrDie(data, options)));
}

TEST(FitTest, WatchingATestPartChangesNothing) {
  const FitResult watched = FitOrDie({Quarters(200, 1), Quarters(50, 2)}, Small());
  EXPECT_TRUE(SameWeights(watched, FitOrDie({Quarters(200, 1), std::nullopt}, Small())));
}

TEST(FitTest, TheLastSmallerBatchIsTrainedToo) {
  FitOptions options = Small();
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
  FitOptions options = Small();
  options.validation_split = 0.25;
  options.learning_rate = 0.5;  // so much that the last epoch is seldom the best
  options.batch = 4;
  options.momentum = 0.9;
  options.epochs = 12;
  options.hidden = {};
  TrainingData data = {Quarters(80, 1), Quarters(20, 2)};
  for (size_t i = 0; i < data.train.labels.size(); i += 3) data.train.labels[i] = 0;  // noise
  const FitResult result = FitOrDie(data, options);

  ASSERT_EQ(result.history.size(), 12u);
  size_t best = 0;
  for (size_t i = 0; i < result.history.size(); ++i) {
    if (result.history[i].validation->loss < result.history[best].validation->loss) best = i;
  }
  ASSERT_NE(best, 11u) << "the case does not tell the best from the last";
  EXPECT_EQ(result.epochs, static_cast<double>(best + 1));
  EXPECT_EQ(result.validation->loss, result.history[best].validation->loss);

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
  const auto result = Fit({Quarters(128, 1), std::nullopt}, Small(), stop, observer);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->stopped);
  EXPECT_EQ(batches, 4 + 2);
  EXPECT_EQ(result->history.size(), 1u) << "only whole epochs are recorded";
  EXPECT_EQ(result->epochs, 1.5);
  EXPECT_TRUE(CheckNetwork(result->network).ok());
}

TEST(FitTest, StoppedWithASplitTheBestWholeEpochRemains) {
  std::atomic<bool> stop = false;
  BatchObserver observer([&](const BatchProgress& progress) { stop = progress.epoch == 2; });
  FitOptions options = Small();
  options.validation_split = 0.2;
  const auto result = Fit({Quarters(160, 1), std::nullopt}, options, stop, observer);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->stopped);
  EXPECT_EQ(result->epochs, 1);
  EXPECT_EQ(result->validation->loss, result->history[0].validation->loss);
}

TEST(FitTest, DivergenceIsAnErrorThatSaysWhatToDo) {
  FitOptions options = Small();
  options.learning_rate = 1e30;
  FitObserver silent;
  const auto result = Fit({Quarters(100, 1), std::nullopt}, options, kGoOn, silent);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(result.status().message()),
              testing::AllOf(testing::HasSubstr("training has diverged"),
                             testing::HasSubstr("try a lower learning rate than 1e+30")));
}

TEST(FitTest, AValidationLossThatIsNoNumberIsNoBestOne) {
  FitOptions options = Small();
  options.validation_split = 0.2;
  options.batch = 80;  // all there are to train, so that only the validation sees the weights
  options.epochs = 1;
  options.learning_rate = 1e30;
  FitObserver silent;
  const auto result = Fit({Quarters(100, 1), std::nullopt}, options, kGoOn, silent);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(result.status().message()),
              testing::HasSubstr("training has diverged: the validation loss of epoch 1 is "));
}

TEST(FitTest, RefusesOptionsThatTheDataDoNotAllow) {
  FitOptions options = Small();
  options.batch = 101;
  FitObserver silent;
  EXPECT_EQ(Fit({Quarters(100, 1), std::nullopt}, options, kGoOn, silent).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace digits
