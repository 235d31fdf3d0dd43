#include "server/engine/onednn_classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/engine/reference_network.h"

namespace digits {
namespace {

constexpr double kTolerance = 1e-5;

std::unique_ptr<Classifier> MakeClassifier(const Network& network) {
  return MakeOnednnClassifier(network, Precision::kAuto).value();
}

std::vector<float> Probabilities(const Classifier& classifier, std::span<const uint8_t> pixels) {
  std::vector<float> probabilities(pixels.size() / 784 * static_cast<size_t>(classifier.classes()));
  classifier.Classify(pixels, probabilities);
  return probabilities;
}

double LargestDifference(const Network& network, std::span<const uint8_t> pixels,
                         std::span<const float> probabilities) {
  const size_t classes = network.class_names.size();
  double largest = 0;
  for (size_t i = 0; i < pixels.size() / 784; ++i) {
    const std::vector<double> expected =
        ReferenceProbabilities(network, pixels.subspan(i * 784, 784));
    for (size_t k = 0; k < classes; ++k) {
      largest = std::max(largest, std::abs(expected[k] - probabilities[i * classes + k]));
    }
  }
  return largest;
}

class OnednnClassifierAccuracyTest : public ::testing::TestWithParam<NetworkCase> {};

TEST_P(OnednnClassifierAccuracyTest, AgreesWithFloat64) {
  const Network network = MakeNetworkOf(GetParam());
  const auto classifier = MakeClassifier(network);
  EXPECT_EQ(classifier->classes(), GetParam().widths.back());
  const std::vector<uint8_t> pixels = RandomPixels(40, 2);
  EXPECT_LT(LargestDifference(network, pixels, Probabilities(*classifier, pixels)), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(Networks, OnednnClassifierAccuracyTest,
                         ::testing::ValuesIn(NetworkCases()),
                         [](const auto& test) { return test.param.name; });

// Widths that fill oneDNN's blocks of outputs and that do not, as outputs and as inputs; at batch
// sizes that may ask for layouts of their own.
class OnednnClassifierWidthTest : public ::testing::TestWithParam<int> {};

TEST_P(OnednnClassifierWidthTest, AgreesWithFloat64) {
  const Network network = RandomNetwork({784, GetParam(), GetParam(), 10}, Activation::kRelu, 1);
  const auto classifier = MakeClassifier(network);
  const std::vector<uint8_t> pixels = RandomPixels(48, 2);
  for (const size_t images : std::vector<size_t>{1, 8, 48}) {
    const auto first = std::span(pixels).first(images * 784);
    EXPECT_LT(LargestDifference(network, first, Probabilities(*classifier, first)), kTolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, OnednnClassifierWidthTest,
                         ::testing::Values(15, 17, 31, 33, 47, 48, 63, 65, 100, 300, 1000),
                         ::testing::PrintToStringParamName());

class OnednnClassifierBatchTest : public ::testing::TestWithParam<size_t> {};

TEST_P(OnednnClassifierBatchTest, GivesEveryImageItsOwnProbabilities) {
  const Network network = RandomNetwork({784, 16, 16, 10}, Activation::kRelu, 3);
  const auto classifier = MakeClassifier(network);
  const std::vector<uint8_t> pixels = RandomPixels(GetParam(), 4);
  EXPECT_LT(LargestDifference(network, pixels, Probabilities(*classifier, pixels)), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(Sizes, OnednnClassifierBatchTest,
                         ::testing::Values(0, 1, 2, 3, 5, 127, 128, 129, 255, 256, 257, 1000),
                         ::testing::PrintToStringParamName());

TEST(OnednnClassifierTest, GivesImagesThatLieApartTheSame) {
  const Network network = RandomNetwork({784, 16, 16, 10}, Activation::kRelu, 3);
  const auto classifier = MakeClassifier(network);
  const std::vector<uint8_t> pixels = RandomPixels(300, 4);
  for (const size_t images : std::vector<size_t>{1, 2, 5, 128, 129, 300}) {
    const Reversed reversed = Reverse(std::span(pixels).first(images * 784));
    std::vector<float> probabilities(images * 10);
    std::vector<float> digit_scores(images);
    classifier->ClassifyEach(reversed.apart, probabilities, digit_scores);
    EXPECT_EQ(probabilities, Probabilities(*classifier, reversed.together)) << images;
  }
}

TEST(OnednnClassifierTest, TellsHowLongAPassTakes) {
  const auto classifier = MakeClassifier(RandomNetwork({784, 16, 10}, Activation::kRelu, 1));
  EXPECT_GT(classifier->pass_images(), 0U);
  EXPECT_GT(classifier->pass_time().count(), 0);
}

TEST(OnednnClassifierTest, WritesOnlyWhatItWasGiven) {
  const auto classifier = MakeClassifier(RandomNetwork({784, 16, 10}, Activation::kRelu, 3));
  const std::vector<uint8_t> pixels = RandomPixels(5, 4);
  std::vector<float> probabilities(70, -1);
  classifier->Classify(pixels, std::span(probabilities).subspan(10, 50));
  EXPECT_TRUE(std::ranges::all_of(std::span(probabilities).first(10),
                                  [](float value) { return value == -1; }));
  EXPECT_TRUE(std::ranges::all_of(std::span(probabilities).last(10),
                                  [](float value) { return value == -1; }));
}

TEST(OnednnClassifierTest, GivesProbabilitiesThatSumToOne) {
  const auto classifier = MakeClassifier(RandomNetwork({784, 40, 26}, Activation::kRelu, 3));
  const std::vector<float> probabilities = Probabilities(*classifier, RandomPixels(100, 4));
  for (auto row = probabilities.begin(); row != probabilities.end(); row += 26) {
    EXPECT_NEAR(std::accumulate(row, row + 26, 0.0), 1, 1e-6);
  }
}

TEST(OnednnClassifierTest, DividesTheLogitsByTheTemperature) {
  for (const float temperature : {0.4f, 2.5f}) {
    Network network = RandomNetwork({784, 40, 10}, Activation::kRelu, 3);
    network.temperature = temperature;
    const std::vector<uint8_t> pixels = RandomPixels(50, 4);
    const auto classifier = MakeClassifier(network);
    EXPECT_LT(LargestDifference(network, pixels, Probabilities(*classifier, pixels)), kTolerance);
  }
}

TEST(OnednnClassifierTest, GivesDigitScoresOfTheLogitsWhateverTheTemperature) {
  Network network = RandomNetwork({784, 40, 10}, Activation::kRelu, 3);
  network.temperature = 3;
  const auto classifier = MakeClassifier(network);
  const size_t images = 300;  // several runs
  const std::vector<uint8_t> pixels = RandomPixels(images, 4);
  std::vector<float> probabilities(images * 10);
  std::vector<float> scores(images);
  classifier->Classify(pixels, probabilities, scores);
  EXPECT_EQ(probabilities, Probabilities(*classifier, pixels));
  for (size_t i = 0; i < images; ++i) {
    double sum = 0;
    for (const double logit : ReferenceLogits(network, std::span(pixels).subspan(i * 784, 784))) {
      sum += std::exp(logit);
    }
    ASSERT_NEAR(scores[i], std::log(sum), 1e-4) << i;
  }
}

TEST(OnednnClassifierTest, GivesAnImageTheSameLabelWhereverItStands) {
  const Network network = RandomNetwork({784, 100, 10}, Activation::kRelu, 5);
  const auto classifier = MakeClassifier(network);
  const std::vector<uint8_t> image = RandomPixels(1, 6);
  const std::vector<float> alone = Probabilities(*classifier, image);
  for (const size_t n : std::vector<size_t>{2, 7, 31, 128, 300}) {
    std::vector<uint8_t> pixels = RandomPixels(n, 7);
    for (const size_t position : {size_t{0}, n / 2, n - 1}) {
      std::ranges::copy(image, pixels.begin() + static_cast<std::ptrdiff_t>(position * 784));
      const std::vector<float> together = Probabilities(*classifier, pixels);
      for (size_t k = 0; k < 10; ++k) EXPECT_NEAR(together[position * 10 + k], alone[k], 1e-6);
    }
  }
}

TEST(OnednnClassifierTest, GivesTheSameFromEightThreadsAtOnceAsFromOne) {
  const auto classifier = MakeClassifier(RandomNetwork({784, 64, 32, 10}, Activation::kRelu, 8));
  const std::vector<size_t> sizes = {1, 3, 17, 128, 200};
  std::vector<std::vector<uint8_t>> pixels;
  std::vector<std::vector<float>> expected;
  for (const size_t n : sizes) {
    pixels.push_back(RandomPixels(n, static_cast<unsigned>(n)));
    expected.push_back(Probabilities(*classifier, pixels.back()));
  }
  std::vector<int> wrong(8);
  std::vector<std::thread> threads;
  threads.reserve(wrong.size());
  for (size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (size_t round = 0; round < 200; ++round) {
        const size_t i = (round + t) % sizes.size();
        wrong[t] += Probabilities(*classifier, pixels[i]) != expected[i];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, ::testing::Each(0));
}

TEST(OnednnClassifierTest, ServesMoreThreadsAtOnceThanItKeepsWorkspacesFor) {
  const auto classifier = MakeClassifier(RandomNetwork({784, 16, 10}, Activation::kRelu, 8));
  const std::vector<uint8_t> pixels = RandomPixels(50, 1);
  const std::vector<float> expected = Probabilities(*classifier, pixels);
  std::vector<int> wrong(100);
  std::vector<std::thread> threads;
  threads.reserve(wrong.size());
  for (int& count : wrong) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) count += Probabilities(*classifier, pixels) != expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, ::testing::Each(0));
}

TEST(OnednnClassifierTest, KeepsClassifiersApartThatAThreadUsesInTurn) {
  const std::vector<uint8_t> pixels = RandomPixels(3, 1);
  const Network kept_network = RandomNetwork({784, 20, 10}, Activation::kRelu, 100);
  const auto kept = MakeClassifier(kept_network);
  for (unsigned seed = 0; seed < 5; ++seed) {
    const Network network =
        RandomNetwork({784, 16 + static_cast<int>(seed), 10}, Activation::kRelu, seed);
    const auto classifier = MakeClassifier(network);
    EXPECT_LT(LargestDifference(network, pixels, Probabilities(*classifier, pixels)), kTolerance);
    EXPECT_LT(LargestDifference(kept_network, pixels, Probabilities(*kept, pixels)), kTolerance);
  }
}

TEST(OnednnClassifierTest, GivesNoNanWhereFiniteWeightsOverflow) {
  Network network = RandomNetwork({784, 4, 10}, Activation::kRelu, 1);
  for (DenseLayer& layer : network.layers) std::ranges::fill(layer.weights, 3e38f);
  const auto classifier = MakeClassifier(network);
  EXPECT_THAT(Probabilities(*classifier, RandomPixels(2, 1)), ::testing::Each(0.1f));
}

TEST(OnednnClassifierTest, RefusesInputsThatTakeTheFirstLayerOutOfAFloatsRange) {
  Network network = RandomNetwork({784, 16, 10}, Activation::kRelu, 1);
  network.layers[0].weights[5] = 10;
  network.input_scale = 1e38f;
  const absl::Status scale = MakeOnednnClassifier(network, Precision::kF32).status();
  EXPECT_EQ(scale.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(scale.message()),
            "layer 0: with the input scale and offset folded in, its weights would not be finite");
  network.input_scale = 1;
  network.input_offset = 1e38f;
  std::fill_n(network.layers[0].weights.begin(), 784, 1.0f);
  const absl::Status offset = MakeOnednnClassifier(network, Precision::kF32).status();
  EXPECT_EQ(offset.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(offset.message()),
            "layer 0: with the input scale and offset folded in, its bias would not be finite");
}

// Sanitizers take more addresses than any limit that would tell something.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(OnednnClassifierDeathTest, SaysThatMemoryDoesNotSuffice) {
  Network network = RandomNetwork({784, 2, 10}, Activation::kRelu, 1);
  constexpr int kWide = 65536;
  network.layers[0] = {784, kWide, std::vector<float>(784 * kWide), std::vector<float>(kWide)};
  network.layers[1].inputs = kWide;
  network.layers[1].weights.resize(10 * kWide);
  const auto load_with_little_memory = [&network] {
    std::ifstream statm("/proc/self/statm");
    rlim_t pages = 0;
    statm >> pages;
    const rlim_t bytes = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + (100 << 20);
    const rlimit limit = {bytes, bytes};
    setrlimit(RLIMIT_AS, &limit);
    const absl::Status status = MakeOnednnClassifier(network, Precision::kF32).status();
    std::fputs(status.ToString().c_str(), stderr);
    std::exit(status.code() == absl::StatusCode::kResourceExhausted ? 0 : 1);
  };
  EXPECT_EXIT(load_with_little_memory(), testing::ExitedWithCode(0),
              "there is not enough memory for the network 784-65536-10");
}
#endif

TEST(OnednnClassifierTest, RefusesANetworkWhoseLayersDoNotFit) {
  Network network = RandomNetwork({784, 16, 10}, Activation::kRelu, 1);
  network.layers[1].inputs = 17;
  const absl::Status status = MakeOnednnClassifier(network, Precision::kF32).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()), "layer 1 has 17 inputs; 16 are expected");
}

}  // namespace
}  // namespace digits
