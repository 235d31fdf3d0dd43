#include "server/model/network.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/server/model/not_finite.h"

namespace digits {
namespace {

DenseLayer MakeLayer(int inputs, int outputs, Activation activation) {
  return {.inputs = inputs,
          .outputs = outputs,
          .weights = std::vector<float>(static_cast<size_t>(inputs * outputs), 0.5f),
          .bias = std::vector<float>(static_cast<size_t>(outputs)),
          .activation = activation};
}

Network ArticleNetwork() {
  Network network;
  network.layers = {MakeLayer(784, 16, Activation::kRelu), MakeLayer(16, 16, Activation::kSigmoid),
                    MakeLayer(16, 10, Activation::kSoftmax)};
  network.class_names = DecimalClassNames();
  return network;
}

TEST(NetworkTest, NamesItsArchitectureByItsWidths) {
  EXPECT_EQ(Architecture(ArticleNetwork()), "784-16-16-10");
  EXPECT_EQ(Architecture(Network()), "");
}

TEST(NetworkTest, AcceptsTheArticlesNetwork) { EXPECT_TRUE(CheckNetwork(ArticleNetwork()).ok()); }

TEST(NetworkTest, HasInputRangesWhereAllLayersButTheFirstHaveOne) {
  Network network = ArticleNetwork();
  EXPECT_FALSE(HasInputRanges(network));
  network.input_ranges = {1, 0.5f};
  EXPECT_TRUE(HasInputRanges(network));
  EXPECT_TRUE(CheckNetwork(network).ok());
}

TEST(NetworkTest, OneLayerNeedsNoInputRanges) {
  Network network;
  network.layers = {MakeLayer(784, 10, Activation::kSoftmax)};
  EXPECT_TRUE(HasInputRanges(network));
}

struct BadNetwork {
  const char* name;
  std::function<void(Network&)> spoil;
  const char* error;
};

class BadNetworkTest : public ::testing::TestWithParam<BadNetwork> {};

TEST_P(BadNetworkTest, IsRefused) {
  Network network = ArticleNetwork();
  GetParam().spoil(network);
  const absl::Status status = CheckNetwork(network);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadNetworkTest,
    ::testing::Values(
        BadNetwork{"NoLayers", [](Network& n) { n.layers.clear(); },
                   "the network has 0 layers; 1 to 64 are allowed"},
        BadNetwork{"TooManyLayers", [](Network& n) { n.layers.resize(65); },
                   "the network has 65 layers; 1 to 64 are allowed"},
        BadNetwork{"OtherInputs",
                   [](Network& n) { n.layers[0] = MakeLayer(785, 16, Activation::kRelu); },
                   "layer 0 has 785 inputs; 784 are expected"},
        BadNetwork{"LayersThatDoNotFit",
                   [](Network& n) { n.layers[1] = MakeLayer(17, 16, Activation::kRelu); },
                   "layer 1 has 17 inputs; 16 are expected"},
        BadNetwork{"TooManyOutputs", [](Network& n) { n.layers[1].outputs = 65'537; },
                   "layer 1 has 65537 outputs; 1 to 65536 are allowed"},
        BadNetwork{"NoOutputs", [](Network& n) { n.layers[1].outputs = 0; },
                   "layer 1 has 0 outputs; 1 to 65536 are allowed"},
        BadNetwork{"MissingWeight", [](Network& n) { n.layers[1].weights.pop_back(); },
                   "layer 1 has 255 weights and 16 biases; 256 and 16 are expected"},
        BadNetwork{"MissingBias", [](Network& n) { n.layers[2].bias.pop_back(); },
                   "layer 2 has 160 weights and 9 biases; 160 and 10 are expected"},
        BadNetwork{"SoftmaxInTheMiddle",
                   [](Network& n) { n.layers[1].activation = Activation::kSoftmax; },
                   "layer 1 has the activation softmax; the last layer has softmax, the others "
                   "never"},
        BadNetwork{"NoSoftmaxAtTheEnd",
                   [](Network& n) { n.layers[2].activation = Activation::kRelu; },
                   "layer 2 has the activation relu; the last layer has softmax, the others never"},
        BadNetwork{"NanWeight", [](Network& n) { n.layers[1].weights[3] = kNan; },
                   "layer 1: value 3 of its weights is nan; all must be finite"},
        BadNetwork{"InfiniteBias", [](Network& n) { n.layers[2].bias[9] = -kInfinity; },
                   "layer 2: value 9 of its bias is -inf; all must be finite"},
        BadNetwork{"OneClass",
                   [](Network& n) { n.layers[2] = MakeLayer(16, 1, Activation::kSoftmax); },
                   "the last layer has 1 outputs; 2 to 256 classes are allowed"},
        BadNetwork{"TooManyClasses",
                   [](Network& n) { n.layers[2] = MakeLayer(16, 257, Activation::kSoftmax); },
                   "the last layer has 257 outputs; 2 to 256 classes are allowed"},
        BadNetwork{"MissingClassName", [](Network& n) { n.class_names.pop_back(); },
                   "there are 9 class names for the 10 outputs of the last layer"},
        BadNetwork{"EqualClassNames", [](Network& n) { n.class_names[1] = "0"; },
                   "two classes are called '0'"},
        BadNetwork{"EmptyClassName", [](Network& n) { n.class_names[1] = ""; },
                   "a class name has 0 bytes; 1 to 256 are allowed"},
        BadNetwork{"ControlCharacter", [](Network& n) { n.class_names[1] = "\x1b[2J"; },
                   "a class name holds a control character"},
        BadNetwork{"ClassNameThatIsNotUtf8", [](Network& n) { n.class_names[1] = "\xe4"; },
                   "a class name is not UTF-8"},
        BadNetwork{"ZeroScale", [](Network& n) { n.input_scale = 0; },
                   "the input scale is 0; it must be finite and not 0"},
        BadNetwork{"InfiniteScale", [](Network& n) { n.input_scale = kInfinity; },
                   "the input scale is inf; it must be finite and not 0"},
        BadNetwork{"ZeroTemperature", [](Network& n) { n.temperature = 0; },
                   "the temperature is 0; it must be finite and positive"},
        BadNetwork{"InfiniteTemperature", [](Network& n) { n.temperature = kInfinity; },
                   "the temperature is inf; it must be finite and positive"},
        BadNetwork{"NanThreshold", [](Network& n) { n.digit_threshold = kNan; },
                   "the threshold of the digit score is nan; it must be finite"},
        BadNetwork{"MissingRange", [](Network& n) { n.input_ranges = {1}; },
                   "there are 1 input ranges for 3 layers; all layers but the first have one"},
        BadNetwork{"RangeOfThePixels",
                   [](Network& n) {
                     n.input_ranges = {1, 1, 1};
                   },
                   "there are 3 input ranges for 3 layers; all layers but the first have one"},
        BadNetwork{"ZeroRange",
                   [](Network& n) {
                     n.input_ranges = {1, 0};
                   },
                   "the input range of layer 2 is 0; it must be finite and positive"},
        BadNetwork{"InfiniteRange",
                   [](Network& n) {
                     n.input_ranges = {kInfinity, 1};
                   },
                   "the input range of layer 1 is inf; it must be finite and positive"},
        BadNetwork{"NanOffset", [](Network& n) { n.input_offset = kNan; },
                   "the input offset is nan; it must be finite"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace digits
