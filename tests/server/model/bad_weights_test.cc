// Weights files that are refused, and what is said of each.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "server/model/weights_file.h"
#include "tests/server/model/not_finite.h"
#include "tests/server/model/weights_draft.h"

namespace digits {
namespace {

struct BadWeights {
  const char* name;
  std::function<void(Draft&)> spoil;
  const char* error;
};

class BadWeightsTest : public ::testing::TestWithParam<BadWeights> {};

TEST_P(BadWeightsTest, AreRefused) {
  Draft draft = SmallDraft();
  GetParam().spoil(draft);
  const absl::Status status = ParseWeights(draft.Bytes(), "some.file").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()), std::string("some.file: ") + GetParam().error);
}

BadWeights BadMetadata(const char* name, const char* key, const std::string& value,
                       const char* error) {
  return {name, [=](Draft& d) { d.metadata[key] = value; }, error};
}

INSTANTIATE_TEST_SUITE_P(
    Tensors, BadWeightsTest,
    ::testing::Values(
        BadWeights{"ControlCharacterInAName", [](Draft& d) { d.AddLayer("\x1b[2J", 3, 10); },
                   "the header is refused: the name of one of its tensors holds a control "
                   "character"},
        BadWeights{"ControlCharacterOfLatin1InAName",
                   [](Draft& d) { d.AddLayer("\u009b2J", 3, 10); },
                   "the header is refused: the name of one of its tensors holds a control "
                   "character"},
        BadWeights{"NoTensors", [](Draft& d) { d.tensors.clear(); },
                   "the network has 0 layers; 1 to 64 are allowed"},
        BadWeights{"Nan", [](Draft& d) { d.tensors["2.weight"].values[5] = kNan; },
                   "tensor '2.weight': value 5 is nan; all must be finite"},
        BadWeights{"Infinity", [](Draft& d) { d.tensors["0.bias"].values[2] = kInfinity; },
                   "tensor '0.bias': value 2 is inf; all must be finite"},
        BadWeights{"NoBias", [](Draft& d) { d.tensors.erase("2.bias"); },
                   "tensor '2.bias' is missing: a layer has a weight and a bias"},
        BadWeights{"NoWeight", [](Draft& d) { d.tensors.erase("0.weight"); },
                   "tensor '0.weight' is missing: a layer has a weight and a bias"},
        BadWeights{"DoublePrecision",
                   [](Draft& d) {
                     d.tensors["2.weight"] = {{10, 3}, std::vector<float>(60), "F64"};
                   },
                   "tensor '2.weight': its dtype is F64; it may be F32, F16, BF16, I8"},
        BadWeights{"BiasOfIntegers",
                   [](Draft& d) {
                     d.tensors["0.bias"] = {{4}, std::vector<float>(1), "I8"};
                   },
                   "tensor '0.bias': its dtype is I8; it may be F32, F16, BF16"},
        BadWeights{"InfinityInHalfPrecision",
                   [](Draft& d) {
                     d.tensors["2.bias"] = {{10}, std::vector<float>(5), "F16"};
                     const uint16_t infinity = 0xfc00;
                     std::memcpy(&d.tensors["2.bias"].values[1], &infinity, sizeof infinity);
                   },
                   "tensor '2.bias': value 2 is -inf; all must be finite"},
        BadWeights{"IntegersWithoutScale",
                   [](Draft& d) {
                     d.tensors["0.weight"] = {{3, 784}, std::vector<float>(588), "I8"};
                   },
                   "tensor '0.weight_scale' is missing: '0.weight' is I8, which has a scale for "
                   "each output"},
        BadWeights{"ScaleWithoutIntegers",
                   [](Draft& d) {
                     d.tensors["0.weight_scale"] = {{3}, std::vector<float>(3, 1)};
                   },
                   "tensor '0.weight_scale': '0.weight' is F32, which has no scale"},
        BadWeights{"ScaleAlone",
                   [](Draft& d) {
                     d.tensors["3.weight_scale"] = {{3}, std::vector<float>(3, 1)};
                   },
                   "tensor '3.weight' is missing: a layer has a weight and a bias"},
        BadWeights{"ScaleOfOtherLength",
                   [](Draft& d) {
                     d.tensors["0.weight"] = {{3, 784}, std::vector<float>(588), "I8"};
                     d.tensors["0.weight_scale"] = {{2}, std::vector<float>(2, 1)};
                   },
                   "tensor '0.weight_scale': it has 2 values for the 3 outputs of '0.weight'"},
        BadWeights{"ScaleInHalfPrecision",
                   [](Draft& d) {
                     d.tensors["0.weight"] = {{3, 784}, std::vector<float>(588), "I8"};
                     d.tensors["0.weight_scale"] = {{4}, std::vector<float>(2, 1), "F16"};
                   },
                   "tensor '0.weight_scale': its dtype is F16; it may be F32"},
        BadWeights{"ZeroScale",
                   [](Draft& d) {
                     d.tensors["0.weight"] = {{3, 784}, std::vector<float>(588), "I8"};
                     d.tensors["0.weight_scale"] = {{3}, {1, 0, 1}};
                   },
                   "tensor '0.weight_scale': value 1 is 0; all must be finite and positive"},
        BadWeights{"NegativeScale",
                   [](Draft& d) {
                     d.tensors["0.weight"] = {{3, 784}, std::vector<float>(588), "I8"};
                     d.tensors["0.weight_scale"] = {{3}, {1, -0.5f, 1}};
                   },
                   "tensor '0.weight_scale': value 1 is -0.5; all must be finite and positive"},
        BadWeights{"NanScale",
                   [](Draft& d) {
                     d.tensors["0.weight"] = {{3, 784}, std::vector<float>(588), "I8"};
                     d.tensors["0.weight_scale"] = {{3}, {1, 1, kNan}};
                   },
                   "tensor '0.weight_scale': value 2 is nan; all must be finite and positive"},
        BadWeights{"ScaleThatOverflows",
                   [](Draft& d) {
                     d.tensors["0.weight"] = {{3, 784}, std::vector<float>(588), "I8"};
                     std::memset(d.tensors["0.weight"].values.data(), 127, 1);
                     d.tensors["0.weight_scale"] = {{3}, {3e38f, 1, 1}};
                   },
                   "tensor '0.weight': value 0 is inf; all must be finite"},
        BadWeights{"BatchNormalisation",
                   [](Draft& d) {
                     d.tensors["1.running_mean"] = {{3}, std::vector<float>(3)};
                   },
                   "tensor '1.running_mean': only NAME.weight, NAME.weight_scale and NAME.bias of "
                   "dense layers are read"},
        BadWeights{"Convolution",
                   [](Draft& d) {
                     d.tensors["0.weight"] = {{3, 784, 1, 1}, std::vector<float>(2352)};
                   },
                   "tensor '0.weight': its shape is (3, 784, 1, 1); (outputs, inputs) is expected, "
                   "with 1 to 65536 of each"},
        BadWeights{"BiasInTwoDimensions",
                   [](Draft& d) {
                     d.tensors["0.bias"].shape = {3, 1};
                   },
                   "tensor '0.bias': its shape is (3, 1); (outputs) is expected, with 1 to 65536 "
                   "of each"},
        BadWeights{"NoInputs",
                   [](Draft& d) {
                     d.tensors["2.weight"] = {{10, 0}, {}};
                   },
                   "tensor '2.weight': its shape is (10, 0); (outputs, inputs) is expected, with 1 "
                   "to 65536 of each"},
        BadWeights{"TooWide",
                   [](Draft& d) {
                     d.tensors["2.weight"] = {{65'537, 1}, std::vector<float>(65'537)};
                   },
                   "tensor '2.weight': its shape is (65537, 1); (outputs, inputs) is expected, "
                   "with 1 to 65536 of each"},
        BadWeights{"BiasOfOtherLength",
                   [](Draft& d) {
                     d.tensors["0.bias"] = {{4}, std::vector<float>(4)};
                   },
                   "tensor '0.bias': it has 4 values for the 3 outputs of '0.weight'"},
        BadWeights{"LayersThatDoNotFit", [](Draft& d) { d.AddLayer("2", 4, 10); },
                   "tensor '2.weight': its shape is (10, 4), but its layer has 3 inputs"},
        BadWeights{"KernelsTransposedAsInKeras",
                   [](Draft& d) {
                     d.tensors["0.weight"].shape = {784, 3};
                   },
                   "tensor '0.weight': its shape is (784, 3), but its layer has 784 inputs"},
        BadWeights{"OtherImages", [](Draft& d) { d.AddLayer("0", 1024, 3); },
                   "tensor '0.weight': its shape is (3, 1024), but its layer has 784 inputs"},
        BadWeights{"NoNumber", [](Draft& d) { d.AddLayer("out", 3, 10); },
                   "tensor 'out.weight': no number in its name says where its layer stands"},
        BadWeights{"SameNumber", [](Draft& d) { d.AddLayer("fc2", 3, 10); },
                   "tensors '2.weight' and 'fc2.weight': their names end in the same number"},
        BadWeights{"HugeNumber", [](Draft& d) { d.AddLayer("fc18446744073709551616", 3, 10); },
                   "tensor 'fc18446744073709551616.weight': the number in its name is too large"},
        BadWeights{"OtherClassesWithoutNames", [](Draft& d) { d.AddLayer("2", 3, 26); },
                   "metadata 'digits.class_names' is missing: it must name the 26 classes"},
        BadWeights{"OneClass",
                   [](Draft& d) {
                     d.AddLayer("2", 3, 1);
                     d.metadata["digits.class_names"] = R"(["yes"])";
                   },
                   "the last layer has 1 outputs; 2 to 256 classes are allowed"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Metadata, BadWeightsTest,
    ::testing::Values(
        BadMetadata("OtherFormat", "digits.format", "2",
                    "metadata 'digits.format': '2' is not known; this program reads '1'"),
        BadMetadata("UnknownKey", "digits.activation", "[]",
                    "metadata 'digits.activation': this key is not known to format 1"),
        BadMetadata("ActivationsThatAreNoJson", "digits.activations", "relu",
                    "metadata 'digits.activations': it is not a JSON array of strings"),
        BadMetadata("ActivationsThatAreNumbers", "digits.activations", "[1, 2]",
                    "metadata 'digits.activations': it is not a JSON array of strings"),
        BadMetadata("UnknownActivation", "digits.activations", R"(["gelu", "softmax"])",
                    "metadata 'digits.activations': 'gelu' is not an activation"),
        BadMetadata("MissingActivation", "digits.activations", R"(["softmax"])",
                    "metadata 'digits.activations': it names 1 activations for 2 layers"),
        BadMetadata("NoSoftmax", "digits.activations", R"(["relu", "sigmoid"])",
                    "layer 1 has the activation sigmoid; the last layer has softmax, the others "
                    "never"),
        BadMetadata("TooFewClassNames", "digits.class_names", R"(["0", "1"])",
                    "there are 2 class names for the 10 outputs of the last layer"),
        BadMetadata("ClassNamesThatEndInAZeroByte", "digits.class_names",
                    std::string("[\"0\"]\0", 6),
                    "metadata 'digits.class_names': it is not a JSON array of strings"),
        BadMetadata("ClassNamesThatNestWithoutEnd", "digits.class_names",
                    std::string(400'000, '[') + std::string(400'000, ']'),
                    "metadata 'digits.class_names': it is not a JSON array of strings"),
        BadMetadata("ActivationsThatNestWithoutEnd", "digits.activations",
                    std::string(400'000, '[') + std::string(400'000, ']'),
                    "metadata 'digits.activations': it is not a JSON array of strings"),
        BadMetadata("ClassNamesThatAreAnObject", "digits.class_names", R"({"0": "1"})",
                    "metadata 'digits.class_names': it is not a JSON array of strings"),
        BadMetadata("ScaleThatIsText", "digits.input_scale", "1/255",
                    "metadata 'digits.input_scale': '1/255' is not a decimal number that fits 32 "
                    "bits"),
        BadMetadata("EmptyScale", "digits.input_scale", "",
                    "metadata 'digits.input_scale': '' is not a decimal number that fits 32 bits"),
        BadMetadata("ScaleTooLarge", "digits.input_scale", "1e39",
                    "metadata 'digits.input_scale': '1e39' is not a decimal number that fits 32 "
                    "bits"),
        BadMetadata("NanScale", "digits.input_scale", "nan",
                    "the input scale is nan; it must be finite and not 0"),
        BadMetadata("ZeroScale", "digits.input_scale", "0",
                    "the input scale is 0; it must be finite and not 0"),
        BadMetadata("TemperatureThatIsText", "digits.temperature", "warm",
                    "metadata 'digits.temperature': 'warm' is not a decimal number that fits 32 "
                    "bits"),
        BadMetadata("ZeroTemperature", "digits.temperature", "0",
                    "the temperature is 0; it must be finite and positive"),
        BadMetadata("NegativeTemperature", "digits.temperature", "-1",
                    "the temperature is -1; it must be finite and positive"),
        BadMetadata("ThresholdThatIsText", "digits.digit_threshold", "none",
                    "metadata 'digits.digit_threshold': 'none' is not a decimal number that fits "
                    "32 bits"),
        BadMetadata("InfiniteThreshold", "digits.digit_threshold", "inf",
                    "the threshold of the digit score is inf; it must be finite"),
        BadMetadata("RangeThatIsNoArray", "digits.input_ranges", "3.5",
                    "metadata 'digits.input_ranges': it is not a JSON array of numbers that fit "
                    "32 bits"),
        BadMetadata("RangesThatAreText", "digits.input_ranges", R"(["3.5"])",
                    "metadata 'digits.input_ranges': it is not a JSON array of numbers that fit "
                    "32 bits"),
        BadMetadata("RangeTooLarge", "digits.input_ranges", "[1e39]",
                    "metadata 'digits.input_ranges': it is not a JSON array of numbers that fit "
                    "32 bits"),
        BadMetadata("TooManyRanges", "digits.input_ranges", "[1, 2]",
                    "there are 2 input ranges for 2 layers; all layers but the first have one"),
        BadMetadata("ZeroRange", "digits.input_ranges", "[0]",
                    "the input range of layer 1 is 0; it must be finite and positive"),
        BadMetadata("NegativeRange", "digits.input_ranges", "[-2]",
                    "the input range of layer 1 is -2; it must be finite and positive"),
        BadMetadata("InfiniteOffset", "digits.input_offset", "-inf",
                    "the input offset is -inf; it must be finite")),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace digits
