// MakeOnednnClassifier() in int8. These tests also run with ONEDNN_MAX_CPU_ISA set, which keeps
// oneDNN from what a processor has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <numeric>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "server/engine/onednn_classifier.h"
#include "server/engine/onednn_plan.h"
#include "server/model/quantization.h"
#include "tests/server/engine/int8_reference.h"
#include "tests/server/engine/reference_network.h"

namespace digits {
namespace {

using ::testing::HasSubstr;

bool ProcessorHas(const std::string& flag) {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("flags")) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      if (word == flag) return true;
    }
  }
  return false;
}

// Whether int8 is to be had in this process, not asked of the code under test.
bool Int8IsExact() {
  const char* limit = std::getenv("ONEDNN_MAX_CPU_ISA");
  const std::string isa = limit == nullptr ? "" : limit;
  const bool avx2_vnni = ProcessorHas("avx_vnni");
  if (isa == "AVX2_VNNI") return avx2_vnni;
  return isa.empty() && (avx2_vnni || ProcessorHas("avx512_vnni"));
}

class Int8ClassifierTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Int8IsExact()) GTEST_SKIP() << "no int8 here";
  }
};

Network CalibratedNetwork(const std::vector<int>& widths, Activation hidden, unsigned seed) {
  Network network = RandomNetwork(widths, hidden, seed);
  Calibrate(network, RandomPixels(20, seed + 1));
  return network;
}

std::unique_ptr<Classifier> MakeInt8(const Network& network) {
  return MakeOnednnClassifier(network, Precision::kInt8).value();
}

struct Results {
  std::vector<float> probabilities;
  std::vector<float> digit_scores;

  bool operator==(const Results&) const = default;
};

// n x 10.
std::vector<float> Logits(const Plan& plan, std::span<const uint8_t> pixels) {
  const auto workspace = plan.MakeWorkspace();
  const float* const first = workspace->Run(pixels);
  return {first, first + pixels.size() / kImagePixels * 10};
}

Results Classify(const Classifier& classifier, std::span<const uint8_t> pixels) {
  const size_t images = pixels.size() / 784;
  Results results = {std::vector<float>(images * static_cast<size_t>(classifier.classes())),
                     std::vector<float>(images)};
  classifier.Classify(pixels, results.probabilities, results.digit_scores);
  return results;
}

// Expects the logits that the probabilities and scores come from, at temperature 1, to be the
// reference's but for what float32 rounds.
void ExpectReferenceLogits(const Network& network, std::span<const uint8_t> pixels,
                           const Results& results) {
  constexpr double kSoftmaxError = 2e-5;
  const size_t classes = network.class_names.size();
  std::vector<double> errors;
  for (size_t i = 0; i < pixels.size() / 784; ++i) {
    const std::vector<Bounded> expected =
        ReferenceInt8Logits(network, pixels.subspan(i * 784, 784));
    for (size_t k = 0; k < classes; ++k) {
      const double probability = results.probabilities[i * classes + k];
      ASSERT_GT(probability, 1e-30) << "too small to tell its logit";
      ASSERT_NEAR(results.digit_scores[i] + std::log(probability), expected[k].value,
                  expected[k].error + kSoftmaxError)
          << "image " << i << ", class " << k;
      errors.push_back(expected[k].error);
    }
  }
  // Bytes that may be one of two are rare enough for the comparison to mean something.
  std::ranges::nth_element(errors, errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2));
  EXPECT_LT(errors[errors.size() / 2], 0.02);
}

class Int8AccuracyTest : public Int8ClassifierTest,
                         public ::testing::WithParamInterface<NetworkCase> {
 protected:
  static Network MakeNetwork(std::span<const uint8_t> calibration_pixels) {
    Network network = MakeNetworkOf(GetParam());
    Calibrate(network, calibration_pixels);
    return network;
  }
};

TEST_P(Int8AccuracyTest, AgreesWithWholeNumbers) {
  const Network network = MakeNetwork(RandomPixels(20, 2));
  const auto classifier = MakeInt8(network);
  EXPECT_EQ(classifier->precision(), "int8");
  EXPECT_EQ(classifier->classes(), GetParam().widths.back());
  const std::vector<uint8_t> pixels = RandomPixels(40, 3);
  ExpectReferenceLogits(network, pixels, Classify(*classifier, pixels));
}

TEST_P(Int8AccuracyTest, IsNearTheProbabilitiesOfFloat64) {
  const std::vector<uint8_t> pixels = RandomPixels(40, 3);
  const Network network = MakeNetwork(pixels);
  const Results results = Classify(*MakeInt8(network), pixels);
  for (size_t i = 0; i < 40; ++i) {
    const std::vector<double> expected =
        ReferenceProbabilities(network, std::span(pixels).subspan(i * 784, 784));
    for (size_t k = 0; k < expected.size(); ++k) {
      EXPECT_NEAR(results.probabilities[i * expected.size() + k], expected[k], 0.05);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, Int8AccuracyTest, ::testing::ValuesIn(NetworkCases()),
                         [](const auto& test) { return test.param.name; });

// Widths that fill oneDNN's blocks of outputs and that do not, as outputs and as inputs; at batch
// sizes that may ask for layouts of their own.
class Int8WidthTest : public Int8ClassifierTest, public ::testing::WithParamInterface<int> {};

TEST_P(Int8WidthTest, AgreesWithWholeNumbers) {
  const Network network =
      CalibratedNetwork({784, GetParam(), GetParam(), 10}, Activation::kRelu, 1);
  const auto classifier = MakeInt8(network);
  const std::vector<uint8_t> pixels = RandomPixels(48, 2);
  for (const size_t images : std::vector<size_t>{1, 8, 48}) {
    const auto first = std::span(pixels).first(images * 784);
    ExpectReferenceLogits(network, first, Classify(*classifier, first));
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, Int8WidthTest,
                         ::testing::Values(15, 17, 31, 33, 47, 48, 63, 65, 100, 300, 1000),
                         ::testing::PrintToStringParamName());

class Int8BatchTest : public Int8ClassifierTest, public ::testing::WithParamInterface<size_t> {};

TEST_P(Int8BatchTest, GivesEveryImageItsOwnProbabilities) {
  const Network network = CalibratedNetwork({784, 16, 16, 10}, Activation::kRelu, 3);
  const auto classifier = MakeInt8(network);
  const std::vector<uint8_t> pixels = RandomPixels(GetParam(), 4);
  ExpectReferenceLogits(network, pixels, Classify(*classifier, pixels));
}

INSTANTIATE_TEST_SUITE_P(Sizes, Int8BatchTest,
                         ::testing::Values(1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64, 96, 127,
                                           128, 129, 200, 257),
                         ::testing::PrintToStringParamName());

TEST_F(Int8ClassifierTest, GivesNothingForNoImages) {
  const auto classifier = MakeInt8(CalibratedNetwork({784, 16, 10}, Activation::kRelu, 3));
  classifier->Classify({}, {}, {});
}

// Where oneDNN adds two products of bytes in 16 bits, as it does without VNNI, they saturate at
// 32767.
TEST_F(Int8ClassifierTest, AddsProductsThatDoNotFit16Bits) {
  for (const std::vector<int>& widths :
       std::vector<std::vector<int>>{{784, 10}, {784, 64, 10}, {784, 512, 512, 10}}) {
    Network network = RandomNetwork(widths, Activation::kRelu, 1);
    for (DenseLayer& layer : network.layers) {
      const auto inputs = static_cast<size_t>(layer.inputs);
      for (size_t i = 0; i < layer.weights.size(); ++i) {
        // All 127, but for the last few of a row.
        const bool kept = i % inputs + i / inputs % 10 * inputs / 40 < inputs;
        const float sum = layer.activation == Activation::kSoftmax ? 10 : 1;
        layer.weights[i] = kept ? sum / static_cast<float>(inputs) : 0;
      }
    }
    const std::vector<uint8_t> white(3 * size_t{784}, 255);
    Calibrate(network, white);
    ExpectReferenceLogits(network, white, Classify(*MakeInt8(network), white));
  }
}

TEST_F(Int8ClassifierTest, GivesTheSameForWeightsThatWereStoredInI8) {
  const Network network = CalibratedNetwork({784, 40, 20, 10}, Activation::kSigmoid, 5);
  Network stored = network;
  for (DenseLayer& layer : stored.layers) layer.weights = Dequantize(Quantize(layer));
  const std::vector<uint8_t> pixels = RandomPixels(50, 6);
  EXPECT_EQ(Classify(*MakeInt8(stored), pixels), Classify(*MakeInt8(network), pixels));
}

TEST_F(Int8ClassifierTest, ReadsNothingBehindThePixels) {
  const auto classifier = MakeInt8(CalibratedNetwork({784, 20, 10}, Activation::kRelu, 5));
  const size_t most = 130 * 784;
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t readable = (most + page - 1) / page * page;
  void* const block =
      mmap(nullptr, readable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(block, MAP_FAILED);
  auto* const end = static_cast<uint8_t*>(block) + readable;
  ASSERT_EQ(mprotect(end, page, PROT_NONE), 0);
  for (size_t n = 1; n <= 130; ++n) {
    const std::vector<uint8_t> pixels = RandomPixels(n, static_cast<unsigned>(n));
    std::ranges::copy(pixels, end - n * 784);
    EXPECT_EQ(Classify(*classifier, {end - n * 784, n * 784}), Classify(*classifier, pixels));
  }
  munmap(block, readable + page);
}

TEST_F(Int8ClassifierTest, TakesPixelsAtAnyAddress) {
  const auto classifier = MakeInt8(CalibratedNetwork({784, 20, 10}, Activation::kRelu, 5));
  const std::vector<uint8_t> pixels = RandomPixels(128, 1);
  const Results expected = Classify(*classifier, pixels);
  for (size_t shift = 1; shift < 64; shift += 7) {
    std::vector<uint8_t> shifted(pixels.size() + shift);
    std::ranges::copy(pixels, shifted.begin() + static_cast<std::ptrdiff_t>(shift));
    EXPECT_EQ(Classify(*classifier, std::span(shifted).subspan(shift)), expected);
  }
}

TEST_F(Int8ClassifierTest, GivesAnImageTheSameWhereverItStands) {
  const auto classifier = MakeInt8(CalibratedNetwork({784, 100, 10}, Activation::kTanh, 5));
  const std::vector<uint8_t> image = RandomPixels(1, 6);
  const Results alone = Classify(*classifier, image);
  for (const size_t n : std::vector<size_t>{2, 7, 31, 128, 300}) {
    std::vector<uint8_t> pixels = RandomPixels(n, 7);
    std::ranges::copy(image, pixels.end() - 784);
    const Results together = Classify(*classifier, pixels);
    EXPECT_NEAR(together.digit_scores.back(), alone.digit_scores[0], 1e-5);
    for (size_t k = 0; k < 10; ++k) {
      EXPECT_NEAR(together.probabilities[(n - 1) * 10 + k], alone.probabilities[k], 1e-6);
    }
  }
}

TEST_F(Int8ClassifierTest, GivesImagesThatLieApartTheSame) {
  const Network network = CalibratedNetwork({784, 32, 16, 10}, Activation::kRelu, 3);
  const auto classifier = MakeInt8(network);
  const std::vector<uint8_t> pixels = RandomPixels(300, 4);
  for (const size_t images : std::vector<size_t>{1, 2, 5, 128, 129, 300}) {
    const Reversed reversed = Reverse(std::span(pixels).first(images * 784));
    Results results = {std::vector<float>(images * 10), std::vector<float>(images)};
    classifier->ClassifyEach(reversed.apart, results.probabilities, results.digit_scores);
    EXPECT_EQ(results, Classify(*classifier, reversed.together)) << images;
  }
}

TEST_F(Int8ClassifierTest, GivesTheSameFromEightThreadsAtOnceAsFromOne) {
  const auto classifier = MakeInt8(CalibratedNetwork({784, 64, 32, 10}, Activation::kRelu, 8));
  const std::vector<size_t> sizes = {1, 3, 17, 128, 200};
  std::vector<std::vector<uint8_t>> pixels;
  std::vector<Results> expected;
  for (const size_t n : sizes) {
    pixels.push_back(RandomPixels(n, static_cast<unsigned>(n)));
    expected.push_back(Classify(*classifier, pixels.back()));
  }
  std::vector<int> wrong(8);
  std::vector<std::thread> threads;
  threads.reserve(wrong.size());
  for (size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (size_t round = 0; round < 200; ++round) {
        const size_t i = (round + t) % sizes.size();
        wrong[t] += Classify(*classifier, pixels[i]) != expected[i];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, ::testing::Each(0));
}

TEST_F(Int8ClassifierTest, RefusesValuesThatAreTooFarApart) {
  Network network = CalibratedNetwork({784, 16, 10}, Activation::kRelu, 1);
  std::fill_n(network.layers[1].weights.begin() + 32, 16, 0.0f);
  network.layers[1].bias[2] = 3e38f;
  const absl::Status status = MakeOnednnClassifier(network, Precision::kInt8).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()),
            "layer 1: the weights and the bias of its output 2 are too far apart for int8");
  EXPECT_EQ(MakeOnednnClassifier(network, Precision::kAuto).value()->precision(), "f32");
}

TEST_F(Int8ClassifierTest, RefusesARangeWhoseStepsAreTooSmall) {
  for (const Activation hidden : {Activation::kSigmoid, Activation::kTanh}) {
    Network network = CalibratedNetwork({784, 16, 10}, hidden, 1);
    network.input_ranges[0] = 1e-37f;
    const absl::Status status = MakeOnednnClassifier(network, Precision::kInt8).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(std::string(status.message()),
              "layer 1: its input range 1e-37 is too small for int8");
  }
}

TEST_F(Int8ClassifierTest, IsRefusedWithoutInputRanges) {
  const Network network = RandomNetwork({784, 16, 10}, Activation::kRelu, 1);
  const absl::Status status = MakeOnednnClassifier(network, Precision::kInt8).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::string(status.message()),
            "the network 784-16-10 has no input ranges, which int8 needs: its weights file would "
            "have them as digits.input_ranges");
}

TEST(Int8AvailabilityTest, IsRefusedWhereItWouldBeWrong) {
  const Network network = CalibratedNetwork({784, 16, 10}, Activation::kRelu, 1);
  const absl::Status status = MakeOnednnClassifier(network, Precision::kInt8).status();
  if (Int8IsExact()) {
    EXPECT_TRUE(status.ok()) << status;
    return;
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("AVX-512 VNNI or AVX-VNNI"));
}

TEST(Int8AvailabilityTest, AutoTakesF32WhereInt8IsNotToBeHad) {
  const Network bare = RandomNetwork({784, 16, 10}, Activation::kRelu, 1);
  EXPECT_EQ(MakeOnednnClassifier(bare, Precision::kAuto).value()->precision(), "f32");
  // One layer needs no ranges, but nobody has asked for int8 either.
  const Network one_layer = RandomNetwork({784, 10}, Activation::kRelu, 1);
  EXPECT_EQ(MakeOnednnClassifier(one_layer, Precision::kAuto).value()->precision(), "f32");
  const Network calibrated = CalibratedNetwork({784, 512, 512, 10}, Activation::kRelu, 1);
  const auto classifier = MakeOnednnClassifier(calibrated, Precision::kAuto).value();
  if (!Int8IsExact()) {
    EXPECT_EQ(classifier->precision(), "f32");
  }
}

TEST(Int8AvailabilityTest, AutoTakesTheFasterOneWhereThereAreTwo) {
  const Network network = CalibratedNetwork({784, 16, 10}, Activation::kRelu, 1);
  const std::vector<uint8_t> pixels = RandomPixels(1, 7);
  for (const bool int8_is_faster : {true, false}) {
    int races = 0;
    const auto race = [&](const Plan& int8, const Plan& like_f32) {
      ++races;
      EXPECT_EQ(Logits(int8, pixels), Logits(*MakeInt8Plan(network).value(), pixels));
      EXPECT_EQ(Logits(like_f32, pixels), Logits(*MakePlanLikeF32(network).value(), pixels));
      return int8_is_faster;
    };
    const auto classifier = MakeOnednnClassifier(network, Precision::kAuto, race);
    ASSERT_TRUE(classifier.ok()) << classifier.status();
    EXPECT_EQ((*classifier)->precision(), Int8IsExact() && int8_is_faster ? "int8" : "f32");
    EXPECT_EQ(races, Int8IsExact() ? 1 : 0);
  }
}

// Which of the two is faster must not decide whether a network is served.
TEST(Int8AvailabilityTest, AutoRefusesWhatF32CannotCompute) {
  Network network = CalibratedNetwork({784, 16, 10}, Activation::kRelu, 1);
  network.layers[0].weights[5] = 10;
  network.input_scale = 1e38f;
  for (const bool int8_is_faster : {true, false}) {
    const auto race = [&](const Plan&, const Plan&) { return int8_is_faster; };
    const absl::Status status = MakeOnednnClassifier(network, Precision::kAuto, race).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  }
}

TEST(Int8AvailabilityTest, TheRivalHasTheLayersAndActivationsOfF32) {
  for (const Activation activation : {Activation::kRelu, Activation::kSigmoid, Activation::kTanh}) {
    const Network network = RandomNetwork({784, 24, 40, 10}, activation, 3);
    Network alike = network;
    alike.input_scale = 1;
    alike.input_offset = 0;
    for (DenseLayer& layer : alike.layers) std::ranges::fill(layer.weights, 0.01f);
    for (const size_t images : {size_t{1}, kRaceImages}) {
      const std::vector<uint8_t> pixels = RandomPixels(images, 5);
      EXPECT_THAT(Logits(*MakePlanLikeF32(network).value(), pixels),
                  testing::Pointwise(testing::FloatNear(1e-3f),
                                     Logits(*MakeF32Plan(alike).value(), pixels)))
          << ActivationName(activation) << ", " << images;
    }
  }
}

TEST(Int8AvailabilityTest, AutoComputesInThePrecisionThatItNames) {
  const Network network = CalibratedNetwork({784, 512, 512, 10}, Activation::kRelu, 1);
  const auto classifier = MakeOnednnClassifier(network, Precision::kAuto).value();
  const bool int8 = classifier->precision() == "int8";
  ASSERT_TRUE(int8 || classifier->precision() == "f32") << classifier->precision();
  const std::vector<uint8_t> pixels = RandomPixels(20, 7);
  const Results f32 = Classify(*MakeOnednnClassifier(network, Precision::kF32).value(), pixels);
  EXPECT_EQ(Classify(*classifier, pixels) == f32, !int8);
  if (int8) {
    EXPECT_EQ(Classify(*classifier, pixels), Classify(*MakeInt8(network), pixels));
  }
}

TEST(Int8AvailabilityTest, F32IsToBeHadForCalibratedNetworksToo) {
  const Network network = CalibratedNetwork({784, 16, 10}, Activation::kRelu, 1);
  EXPECT_EQ(MakeOnednnClassifier(network, Precision::kF32).value()->precision(), "f32");
}

}  // namespace
}  // namespace digits
