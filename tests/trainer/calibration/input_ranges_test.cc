#include "trainer/calibration/input_ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "server/engine/onednn_classifier.h"

namespace digits {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Le;

TEST(MagnitudeHistogram, GivesQuantilesRoundedUpALittle) {
  MagnitudeHistogram histogram;
  std::vector<float> values;
  for (int i = 1; i <= 1000; ++i) values.push_back(static_cast<float>(i % 2 == 0 ? i : -i));
  histogram.Add(values);
  EXPECT_EQ(histogram.Quantile(1), 1000);
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.999}) {
    EXPECT_THAT(histogram.Quantile(share), AllOf(Ge(1000 * share), Le(1000 * share * 129 / 128)));
  }
}

TEST(MagnitudeHistogram, CountsZeros) {
  MagnitudeHistogram histogram;
  EXPECT_EQ(histogram.Quantile(1), 0);
  histogram.Add(std::vector<float>{0, -0.0f, 0, 8});
  EXPECT_EQ(histogram.Quantile(0.75), 0);
  EXPECT_EQ(histogram.Quantile(0.76), 8);
}

// 784-2-2. The first layer sees of a pixel x / 255 + 1, and gives activation(2 x_0 + 0.5) and
// activation(-x_5); the second one's logits are -10 h_0 + 5 and 10 h_0 - 5.
Network SmallNetwork(Activation hidden) {
  Network network;
  DenseLayer first = {784, 2, std::vector<float>(2 * 784), {0.5f, 0}, hidden};
  first.weights[0] = 2;
  first.weights[784 + 5] = -1;
  network.layers = {first, {2, 2, {-10, 0, 10, 0}, {5, -5}, Activation::kSoftmax}};
  network.input_offset = 1;
  network.class_names = {"a", "b"};
  return network;
}

DataSet OneImage() {
  DataSet data;
  data.pixels.resize(kImagePixels);
  data.pixels[0] = 255;
  data.labels = {0};
  return data;
}

TEST(MeasureLayerInputs, RunsImagesThroughTheNetwork) {
  // The sums are 2 x 2 + 0.5 and -1.
  const struct {
    Activation activation;
    double largest, least;
  } kCases[] = {{Activation::kRelu, 4.5, 0},
                {Activation::kSigmoid, 1 / (1 + std::exp(-4.5)), 1 / (1 + std::exp(1.0))},
                {Activation::kTanh, std::tanh(4.5), std::tanh(1.0)}};
  for (const auto& [activation, largest, least] : kCases) {
    const auto histograms = MeasureLayerInputs(SmallNetwork(activation), OneImage());
    ASSERT_EQ(histograms.size(), 1u);
    EXPECT_NEAR(histograms[0].Quantile(1), largest, 1e-6);
    EXPECT_NEAR(histograms[0].Quantile(0.5), least, least / 128);
  }
}

TEST(ChooseInputRanges, HasNothingToDoForOneLayer) {
  Network network;
  network.layers = {{784, 2, std::vector<float>(2 * 784), {0, 0}, Activation::kSoftmax}};
  network.class_names = {"a", "b"};
  const auto ranges = ChooseInputRanges(network, OneImage(), OneImage());
  ASSERT_TRUE(ranges.ok()) << ranges.status();
  EXPECT_THAT(ranges->ranges, IsEmpty());
}

TEST(ChooseInputRanges, GivesALayerWhoseInputsAreAlwaysZeroARange) {
  Network network = SmallNetwork(Activation::kRelu);
  network.layers[0].bias = {-100, -100};
  const auto ranges = ChooseInputRanges(network, OneImage(), OneImage());
  ASSERT_TRUE(ranges.ok()) << ranges.status();
  EXPECT_THAT(ranges->ranges, ElementsAre(1));
}

TEST(ChooseInputRanges, CutsAFewLargeValuesWhereInt8ThenErrsLess) {
  // h_0 is 0 or 1 and says the class; h_1 says nothing and is 1000 in one image of 3000. Bytes that
  // reach to 1000 are too coarse for h_0.
  Network network = SmallNetwork(Activation::kRelu);
  network.input_offset = 0;
  network.layers[0].weights[0] = 1;
  network.layers[0].weights[784 + 5] = 1000;
  network.layers[0].bias = {0, 0};
  network.input_ranges = {1};
  if (!MakeOnednnClassifier(network, Precision::kInt8).ok()) {
    GTEST_SKIP() << "this processor has no int8";
  }
  network.input_ranges.clear();
  DataSet training, validation;
  for (DataSet* const data : {&training, &validation}) {
    for (size_t i = 0; i < 3000; ++i) {
      data->labels.push_back(i % 2);
      data->pixels.resize(data->pixels.size() + kImagePixels);
      data->pixels[i * kImagePixels] = i % 2 == 0 ? 0 : 255;
    }
  }
  training.pixels[5] = 255;
  const auto ranges = ChooseInputRanges(network, training, validation);
  ASSERT_TRUE(ranges.ok()) << ranges.status();
  EXPECT_EQ(ranges->share, 0.999);
  EXPECT_THAT(ranges->ranges, ElementsAre(AllOf(Ge(1), Le(1.01))));
  EXPECT_EQ(ranges->accuracy, 1);
}

}  // namespace
}  // namespace digits
