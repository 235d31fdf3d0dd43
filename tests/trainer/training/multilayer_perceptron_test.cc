#include "trainer/training/multilayer_perceptron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "tests/trainer/training/reference_network.h"
#include "trainer/training/optimizer.h"

namespace digits {
namespace {

using testing_support::Examples;
using testing_support::MeanLoss;
using testing_support::ReferenceLayer;

enum class Kind { kLoops, kOnednn };

MultilayerPerceptron::LayerFactory Factory(Kind kind) {
  if (kind == Kind::kOnednn) return MakeOnednnLayer;
  return [](const LayerShape& shape) -> absl::StatusOr<std::unique_ptr<Layer>> {
    return MakeNarrowLayer(shape);
  };
}

MultilayerPerceptron Make(const std::vector<DenseLayer>& layers, size_t max_batch, Kind kind,
                          InputForm images = InputForm::kSparse) {
  absl::StatusOr<MultilayerPerceptron> network =
      MultilayerPerceptron::Make(layers, max_batch, images, Factory(kind));
  EXPECT_TRUE(network.ok()) << network.status();
  return *std::move(network);
}

// The gradients of the mean loss in the shape of the layers, by what one step of descent changes.
std::vector<DenseLayer> Gradients(MultilayerPerceptron& network, const Batch& batch,
                                  const LossOptions& loss, const Dropout& dropout = {}) {
  const float rate = 1024;  // so large that rounding the weights does not matter
  std::vector<DenseLayer> before = network.ToLayers();
  network.Differentiate(batch, loss, dropout);
  MakeOptimizer({}, network.parameters())->Step(rate);
  const std::vector<DenseLayer> after = network.ToLayers();
  for (size_t l = 0; l < before.size(); ++l) {
    for (size_t i = 0; i < before[l].weights.size(); ++i) {
      before[l].weights[i] = (before[l].weights[i] - after[l].weights[i]) / rate;
    }
    for (size_t i = 0; i < before[l].bias.size(); ++i) {
      before[l].bias[i] = (before[l].bias[i] - after[l].bias[i]) / rate;
    }
  }
  return before;
}

std::vector<DenseLayer> LayersWithBiases(const std::vector<int>& widths, Activation activation) {
  std::vector<DenseLayer> layers = GlorotLayers(widths, activation, 1);
  Random random(2, RandomStream::kInitialWeights);
  for (DenseLayer& layer : layers) {
    for (float& bias : layer.bias) bias = random.Uniform(-0.5f, 0.5f);
  }
  return layers;
}

using GradientCase = std::tuple<Kind, Activation, Loss, std::vector<int>>;

class GradientTest : public testing::TestWithParam<GradientCase> {};

TEST_P(GradientTest, AgreesWithFiniteDifferences) {
  const auto& [kind, activation, loss, widths] = GetParam();
  const std::vector<DenseLayer> layers = LayersWithBiases(widths, activation);
  const Examples examples(9, static_cast<size_t>(widths.front()),
                          static_cast<size_t>(widths.back()), 3);
  // Room for more images than there are: what is beyond them must not count.
  MultilayerPerceptron network = Make(layers, 12, kind);
  const std::vector<DenseLayer> gradients = Gradients(network, examples.batch(), {loss});

  std::vector<ReferenceLayer> reference(layers.begin(), layers.end());
  const auto difference = [&](double& parameter) {
    const double step = 1e-6;
    const double middle = parameter;
    parameter = middle + step;
    const double above = MeanLoss(reference, examples, loss);
    parameter = middle - step;
    const double below = MeanLoss(reference, examples, loss);
    parameter = middle;
    return (above - below) / (2 * step);
  };
  for (size_t l = 0; l < layers.size(); ++l) {
    for (size_t i = 0; i < layers[l].weights.size(); ++i) {
      ASSERT_NEAR(gradients[l].weights[i], difference(reference[l].weights[i]), 1e-6)
          << "weight " << i << " of layer " << l;
    }
    for (size_t i = 0; i < layers[l].bias.size(); ++i) {
      ASSERT_NEAR(gradients[l].bias[i], difference(reference[l].bias[i]), 1e-6)
          << "bias " << i << " of layer " << l;
    }
  }
}

std::string NameOf(const testing::TestParamInfo<GradientCase>& info) {
  const auto& [kind, activation, loss, widths] = info.param;
  std::string name = kind == Kind::kLoops ? "Loops" : "Onednn";
  name += ActivationName(activation);
  name += loss == Loss::kCrossEntropy ? "CrossEntropy" : "MeanSquaredError";
  for (const int width : widths) name += "_" + std::to_string(width);
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Networks, GradientTest,
    testing::Combine(testing::Values(Kind::kLoops, Kind::kOnednn),
                     testing::Values(Activation::kRelu, Activation::kSigmoid, Activation::kTanh),
                     testing::Values(Loss::kCrossEntropy, Loss::kMeanSquaredError),
                     testing::Values(std::vector<int>{12, 4}, std::vector<int>{12, 16, 16, 10},
                                     std::vector<int>{20, 7, 33, 18, 5})),
    NameOf);

class BothKindsTest : public testing::TestWithParam<Kind> {};

TEST_P(BothKindsTest, ScoresAreThoseOfFloat64) {
  const std::vector<DenseLayer> layers = LayersWithBiases({30, 20, 17, 10}, Activation::kRelu);
  const std::vector<ReferenceLayer> reference(layers.begin(), layers.end());
  const Examples examples(13, 30, 10, 5);
  MultilayerPerceptron network = Make(layers, 13, GetParam());
  for (const Loss loss : {Loss::kCrossEntropy, Loss::kMeanSquaredError}) {
    EXPECT_NEAR(network.Evaluate(examples.batch(), loss).mean_loss(),
                MeanLoss(reference, examples, loss), 1e-6);
  }
}

TEST_P(BothKindsTest, LayersComeOutAsTheyWentIn) {
  const std::vector<DenseLayer> layers = LayersWithBiases({30, 20, 17, 10}, Activation::kSigmoid);
  const std::vector<DenseLayer> out = Make(layers, 4, GetParam()).ToLayers();
  ASSERT_EQ(out.size(), layers.size());
  for (size_t l = 0; l < layers.size(); ++l) {
    EXPECT_EQ(out[l].inputs, layers[l].inputs);
    EXPECT_EQ(out[l].outputs, layers[l].outputs);
    EXPECT_EQ(out[l].activation, layers[l].activation);
    EXPECT_EQ(out[l].weights, layers[l].weights);
    EXPECT_EQ(out[l].bias, layers[l].bias);
  }
}

TEST_P(BothKindsTest, ASmallerBatchAfterALargerOneForgetsIt) {
  const std::vector<DenseLayer> layers = LayersWithBiases({30, 20, 10}, Activation::kSigmoid);
  const Examples large(16, 30, 10, 6);
  const Examples small(3, 30, 10, 7);
  MultilayerPerceptron used = Make(layers, 16, GetParam());
  used.Differentiate(large.batch(), {});
  MultilayerPerceptron fresh = Make(layers, 16, GetParam());
  const std::vector<DenseLayer> after_large = Gradients(used, small.batch(), {});
  const std::vector<DenseLayer> alone = Gradients(fresh, small.batch(), {});
  for (size_t l = 0; l < layers.size(); ++l) {
    EXPECT_EQ(after_large[l].weights, alone[l].weights);
    EXPECT_EQ(after_large[l].bias, alone[l].bias);
  }
}

TEST_P(BothKindsTest, BuffersComeOutAsTheyWentIn) {
  const std::vector<DenseLayer> layers = LayersWithBiases({30, 20, 10}, Activation::kRelu);
  const std::vector<DenseLayer> others = GlorotLayers(std::array{30, 20, 10}, Activation::kRelu, 9);
  MultilayerPerceptron network = Make(layers, 4, GetParam());
  std::vector<FloatBuffer> buffers;
  for (const ParameterGroup& group : network.parameters()) {
    buffers.emplace_back(group.values.size());
  }
  network.Load(others, buffers);
  EXPECT_EQ(network.ToLayers(buffers)[0].weights, others[0].weights);
  EXPECT_EQ(network.ToLayers()[0].weights, layers[0].weights) << "the weights stay";
  EXPECT_EQ(network.ToLayers()[1].bias, layers[1].bias);
}

// The last layer's logits are linear in the hidden outputs, and with weights this small so is the
// loss in the logits, nearly: its mean over many steps is that without dropout, as it would not be
// if the outputs that are left were not made larger.
TEST_P(BothKindsTest, DropOutChangesNoMean) {
  std::vector<DenseLayer> layers = LayersWithBiases({30, 64, 2}, Activation::kSigmoid);
  std::ranges::fill(layers[1].bias, 0.0f);
  for (size_t i = 0; i < 64; ++i) {
    layers[1].weights[i] = 0.001f;
    layers[1].weights[64 + i] = -0.001f;
  }
  const Examples examples(8, 30, 1, 5);  // all of the first of the two classes
  MultilayerPerceptron network = Make(layers, 8, GetParam());
  const double even = 8 * std::log(2);  // the loss of answers that know nothing
  const double without = network.Differentiate(examples.batch(), {}).loss - even;
  for (const float rate : {0.2f, 0.5f}) {
    double sum = 0;
    for (uint64_t step = 0; step < 400; ++step) {
      sum += network.Differentiate(examples.batch(), {}, {rate, 3, step}).loss - even;
    }
    EXPECT_NEAR(sum / 400, without, 0.05 * std::abs(without)) << rate;
  }
}

TEST_P(BothKindsTest, DropOutIsADrawThatRepeats) {
  const std::vector<DenseLayer> layers = LayersWithBiases({30, 64, 10}, Activation::kTanh);
  const Examples examples(8, 30, 10, 5);
  MultilayerPerceptron network = Make(layers, 8, GetParam());
  const auto loss = [&](const Dropout& dropout) {
    return network.Differentiate(examples.batch(), {}, dropout).loss;
  };
  const Dropout dropout = {0.5f, 3, 4};
  EXPECT_EQ(loss(dropout), loss(dropout));
  EXPECT_NE(loss(dropout), loss({0.5f, 3, 5})) << "another step";
  EXPECT_NE(loss(dropout), loss({0.5f, 4, 4})) << "another seed";
  EXPECT_NE(loss(dropout), loss({}));
  EXPECT_EQ(network.Evaluate(examples.batch(), Loss::kCrossEntropy).loss, loss({}))
      << "an evaluation drops nothing";
}

// Finite differences through the network itself: the masks stay while a bias moves. In float32 they
// are as rough as the tolerance says.
TEST_P(BothKindsTest, GradientsPassTheSameMasksAsTheOutputs) {
  for (const Activation activation : {Activation::kRelu, Activation::kSigmoid, Activation::kTanh}) {
    const std::vector<DenseLayer> layers = LayersWithBiases({30, 20, 18, 10}, activation);
    const Examples examples(8, 30, 10, 5);
    const Dropout dropout = {0.4f, 3, 4};
    const auto loss_with = [&](size_t layer, size_t bias, float change) {
      std::vector<DenseLayer> changed = layers;
      changed[layer].bias[bias] += change;
      MultilayerPerceptron network = Make(changed, 8, GetParam());
      return network.Differentiate(examples.batch(), {}, dropout).mean_loss();
    };
    MultilayerPerceptron network = Make(layers, 8, GetParam());
    const std::vector<DenseLayer> gradients = Gradients(network, examples.batch(), {}, dropout);
    for (size_t layer = 0; layer < layers.size(); ++layer) {
      for (size_t bias = 0; bias < layers[layer].bias.size(); bias += 3) {
        const float step = 1.0f / 4096;
        const double difference =
            (loss_with(layer, bias, step) - loss_with(layer, bias, -step)) / (2 * step);
        EXPECT_NEAR(gradients[layer].bias[bias], difference, 2e-3)
            << "bias " << bias << " of layer " << layer;
      }
    }
  }
}

TEST_P(BothKindsTest, SoftTargetsThatAreOneHotAreLabels) {
  const std::vector<DenseLayer> layers = LayersWithBiases({30, 20, 10}, Activation::kRelu);
  Examples examples(8, 30, 10, 5);
  MultilayerPerceptron network = Make(layers, 8, GetParam());
  const Score hard = network.Differentiate(examples.batch(), {});
  std::vector<float> soft(8 * 10);
  for (size_t i = 0; i < 8; ++i) soft[i * 10 + examples.label(i)] = 1;
  examples.set_soft_targets(soft);
  EXPECT_EQ(network.Differentiate(examples.batch(), {}).loss, hard.loss);
  examples.set_soft_targets(std::vector<float>(8 * 10, 0.1f));
  EXPECT_NE(network.Differentiate(examples.batch(), {}).loss, hard.loss);
}

std::string NameOfKind(const testing::TestParamInfo<Kind>& info) {
  return info.param == Kind::kLoops ? "Loops" : "Onednn";
}

INSTANTIATE_TEST_SUITE_P(Kinds, BothKindsTest, testing::Values(Kind::kLoops, Kind::kOnednn),
                         NameOfKind);

// 784 pixels fill their rows; 30 do not.
TEST(PixelsTest, PixelsAndTheirSparseFormGiveTheSameGradients) {
  for (const int columns : {30, 784}) {
    const std::vector<DenseLayer> layers = LayersWithBiases({columns, 40, 10}, Activation::kRelu);
    const Examples examples(5, static_cast<size_t>(columns), 10, 5);
    MultilayerPerceptron sparse = Make(layers, 8, Kind::kOnednn);
    MultilayerPerceptron pixels = Make(layers, 8, Kind::kOnednn, InputForm::kPixels);
    const std::vector<DenseLayer> expected = Gradients(sparse, examples.batch(), {});
    const std::vector<DenseLayer> actual =
        Gradients(pixels, examples.batch(InputForm::kPixels), {});
    for (size_t l = 0; l < layers.size(); ++l) {
      EXPECT_EQ(actual[l].weights, expected[l].weights);
      EXPECT_EQ(actual[l].bias, expected[l].bias);
    }
  }
}

TEST(GlorotLayersTest, WeightsFillGlorotsBoundsAndBiasesAreZero) {
  const std::vector<int> widths = {784, 16, 10};
  const std::vector<DenseLayer> layers = GlorotLayers(widths, Activation::kSigmoid, 1);
  ASSERT_EQ(layers.size(), 2u);
  // sqrt(6 / (784 + 16)) and sqrt(6 / (16 + 10))
  const std::vector<float> limits = {0.08660254f, 0.48038446f};
  for (size_t l = 0; l < layers.size(); ++l) {
    const auto [least, greatest] = std::ranges::minmax(layers[l].weights);
    EXPECT_GE(least, -limits[l]);
    EXPECT_LE(greatest, limits[l]);
    EXPECT_LT(least, -0.97f * limits[l]);
    EXPECT_GT(greatest, 0.97f * limits[l]);
    EXPECT_THAT(layers[l].bias, testing::Each(0.0f));
  }
  EXPECT_EQ(layers[0].activation, Activation::kSigmoid);
  EXPECT_EQ(layers[1].activation, Activation::kSoftmax);
}

}  // namespace
}  // namespace digits
