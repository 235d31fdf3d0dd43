#include "server/model/weights_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/model/quantization.h"
#include "server/model/safetensors.h"

namespace digits {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A file under construction: tensors by name, each with its dtype, shape and values.
struct Draft {
  struct F32 {
    std::vector<uint64_t> shape;
    std::vector<float> values;
    std::string dtype = "F32";
  };
  std::map<std::string, F32> tensors;
  std::map<std::string, std::string> metadata;

  std::string Bytes() const {
    Safetensors content = {.metadata = metadata, .tensors = {}};
    for (const auto& [name, tensor] : tensors) {
      content.tensors.push_back({name,
                                 tensor.dtype,
                                 tensor.shape,
                                 {reinterpret_cast<const char*>(tensor.values.data()),
                                  tensor.values.size() * sizeof(float)}});
    }
    return SerializeSafetensors(content);
  }

  void AddLayer(const std::string& name, uint64_t inputs, uint64_t outputs, float value = 0.5f) {
    tensors[name + ".weight"] = {{outputs, inputs}, std::vector<float>(outputs * inputs, value)};
    tensors[name + ".bias"] = {{outputs}, std::vector<float>(outputs, value)};
  }
};

// 784-3-10, named as nn.Sequential does.
Draft SmallDraft() {
  Draft draft;
  draft.AddLayer("0", 784, 3);
  draft.AddLayer("2", 3, 10);
  return draft;
}

Network SmallNetwork() {
  Network network;
  for (const auto& [inputs, outputs] :
       {std::pair(784, 3), std::pair(3, 2), std::pair(2, 2), std::pair(2, 4)}) {
    DenseLayer layer = {.inputs = inputs, .outputs = outputs, .weights = {}, .bias = {}};
    for (int i = 0; i < inputs * outputs; ++i) {
      layer.weights.push_back(static_cast<float>(i) / 7 - 100);
    }
    for (int i = 0; i < outputs; ++i) layer.bias.push_back(static_cast<float>(i) / 3);
    network.layers.push_back(layer);
  }
  network.layers[0].weights[0] = std::numeric_limits<float>::denorm_min();
  network.layers[0].weights[1] = std::numeric_limits<float>::max();
  network.layers[0].weights[2] = -0.0f;
  network.layers[1].activation = Activation::kSigmoid;
  network.layers[2].activation = Activation::kTanh;
  network.layers[3].activation = Activation::kSoftmax;
  network.input_scale = 0.1f;
  network.input_offset = -1.0f / 3;
  network.temperature = 1.2345679f;
  network.input_ranges = {0.1f, 1e-9f, 3};
  network.digit_threshold = -7.25f;
  network.class_names = {"shirt", "\"coat\"", "Stra\u00dfe, 7", "\u4e09"};
  network.provenance = {{"data", "mnist"}, {"note", "two\nlines"}, {"empty", ""}};
  return network;
}

// With weights of moderate size, for the types that are less wide.
Network ModestNetwork() {
  Network network = SmallNetwork();
  for (DenseLayer& layer : network.layers) {
    for (size_t i = 0; i < layer.weights.size(); ++i) {
      layer.weights[i] = static_cast<float>(i % 101) / 77 - 0.3f;
    }
  }
  return network;
}

void ExpectSame(const Network& a, const Network& b) {
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (size_t i = 0; i < a.layers.size(); ++i) {
    EXPECT_EQ(a.layers[i].inputs, b.layers[i].inputs);
    EXPECT_EQ(a.layers[i].outputs, b.layers[i].outputs);
    EXPECT_EQ(a.layers[i].weights, b.layers[i].weights);
    EXPECT_EQ(a.layers[i].bias, b.layers[i].bias);
    EXPECT_EQ(a.layers[i].activation, b.layers[i].activation);
  }
  EXPECT_EQ(a.input_scale, b.input_scale);
  EXPECT_EQ(a.input_offset, b.input_offset);
  EXPECT_EQ(a.temperature, b.temperature);
  EXPECT_EQ(a.input_ranges, b.input_ranges);
  EXPECT_EQ(a.digit_threshold, b.digit_threshold);
  EXPECT_EQ(a.class_names, b.class_names);
  EXPECT_EQ(a.provenance, b.provenance);
}

TEST(WeightsFileTest, GivesBackTheNetworkThatWasWritten) {
  const std::string path = std::filesystem::path(::testing::TempDir()) / "weights_file_test";
  ASSERT_TRUE(WriteWeights(SmallNetwork(), path).ok());
  const Weights weights = ReadWeights(path).value();
  std::filesystem::remove(path);
  ExpectSame(weights.network, SmallNetwork());
  EXPECT_EQ(weights.storage, StorageType::kF32);
}

TEST(WeightsFileTest, WritesTheSameBytesForTheSameNetwork) {
  EXPECT_EQ(SerializeWeights(SmallNetwork()).value(), SerializeWeights(SmallNetwork()).value());
}

TEST(WeightsFileTest, StartsTheDataAtAMultipleOfEightBytes) {
  const std::string bytes = SerializeWeights(SmallNetwork()).value();
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), sizeof header_bytes);
  EXPECT_EQ(header_bytes % 8, 0u);
}

TEST(WeightsFileTest, WritesNamesAndMetadataAsDocumented) {
  const std::string bytes = SerializeWeights(SmallNetwork()).value();
  const Safetensors content = ParseSafetensors(bytes).value();
  std::vector<std::string> names;
  for (const Tensor& tensor : content.tensors) names.push_back(tensor.name);
  EXPECT_THAT(names,
              ElementsAre("layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias",
                          "layers.2.weight", "layers.2.bias", "layers.3.weight", "layers.3.bias"));
  EXPECT_THAT(content.tensors[0].shape, ElementsAre(3, 784));
  EXPECT_EQ(content.metadata.at("digits.format"), "1");
  EXPECT_EQ(content.metadata.at("digits.activations"), R"(["relu","sigmoid","tanh","softmax"])");
  EXPECT_EQ(content.metadata.at("digits.class_names"),
            "[\"shirt\",\"\\\"coat\\\"\",\"Stra\u00dfe, 7\",\"\u4e09\"]");
  EXPECT_EQ(content.metadata.at("digits.input_scale"), "0.1");
  EXPECT_EQ(content.metadata.at("digits.input_offset"), "-0.33333334");
  EXPECT_EQ(content.metadata.at("digits.temperature"), "1.2345679");
  EXPECT_EQ(content.metadata.at("digits.input_ranges"), "[0.1,1e-09,3]");
  EXPECT_EQ(content.metadata.at("digits.digit_threshold"), "-7.25");
  EXPECT_EQ(content.metadata.at("provenance.data"), "mnist");
}

TEST(WeightsFileTest, WritesNothingOfACalibrationThatThereIsNot) {
  Network network = SmallNetwork();
  network.temperature = 1;
  network.input_ranges.clear();
  network.digit_threshold.reset();
  const std::string bytes = SerializeWeights(network).value();
  const Safetensors content = ParseSafetensors(bytes).value();
  for (const auto& [key, value] : content.metadata) {
    EXPECT_NE(key, "digits.temperature");
    EXPECT_NE(key, "digits.input_ranges");
    EXPECT_NE(key, "digits.digit_threshold");
  }
  ExpectSame(ParseWeights(bytes, "file").value().network, network);
}

// A network whose weights are the same in every type: small multiples of powers of two.
Network ExactNetwork() {
  Network network = SmallNetwork();
  for (DenseLayer& layer : network.layers) {
    for (size_t i = 0; i < layer.weights.size(); ++i) {
      layer.weights[i] = i % 2 == 0 ? 127.0f / 64 : static_cast<float>(i % 127) / 64;
    }
    for (float& bias : layer.bias) bias = -0.375f;
  }
  return network;
}

struct Stored {
  StorageType storage;
  const char* dtype;
  size_t bytes;  // a weight
};

class StorageTest : public ::testing::TestWithParam<Stored> {};

TEST_P(StorageTest, GivesBackTheNetworkAndTheTypeThatWereWritten) {
  const std::string bytes = SerializeWeights(ExactNetwork(), GetParam().storage).value();
  const Weights weights = ParseWeights(bytes, "file").value();
  ExpectSame(weights.network, ExactNetwork());
  EXPECT_EQ(weights.storage, GetParam().storage);
}

TEST_P(StorageTest, TakesTheBytesOfItsType) {
  const std::string bytes = SerializeWeights(ExactNetwork(), GetParam().storage).value();
  const Safetensors content = ParseSafetensors(bytes).value();
  for (const Tensor& tensor : content.tensors) {
    if (!tensor.name.ends_with(".weight")) continue;
    EXPECT_EQ(tensor.dtype, GetParam().dtype);
    EXPECT_EQ(tensor.data.size(), tensor.shape[0] * tensor.shape[1] * GetParam().bytes);
  }
}

TEST_P(StorageTest, LosesNothingInASecondWriting) {
  const std::string once = SerializeWeights(ModestNetwork(), GetParam().storage).value();
  const Network read = ParseWeights(once, "file").value().network;
  EXPECT_EQ(SerializeWeights(read, GetParam().storage).value(), once);
  // Not even by way of a larger type.
  const std::string f32 = SerializeWeights(read, StorageType::kF32).value();
  EXPECT_EQ(SerializeWeights(ParseWeights(f32, "file").value().network, GetParam().storage).value(),
            once);
}

INSTANTIATE_TEST_SUITE_P(Types, StorageTest,
                         ::testing::Values(Stored{StorageType::kF32, "F32", 4},
                                           Stored{StorageType::kF16, "F16", 2},
                                           Stored{StorageType::kBf16, "BF16", 2},
                                           Stored{StorageType::kI8, "I8", 1}),
                         [](const auto& test) { return std::string(test.param.dtype); });

TEST(WeightsFileTest, HoldsInI8WhatQuantizeMakes) {
  const Network network = ModestNetwork();
  const std::string bytes = SerializeWeights(network, StorageType::kI8).value();
  const Safetensors content = ParseSafetensors(bytes).value();
  ASSERT_EQ(content.tensors.size(), 12u);
  for (size_t i = 0; i < network.layers.size(); ++i) {
    const QuantizedWeights expected = Quantize(network.layers[i]);
    const Tensor& weight = content.tensors[3 * i];
    const Tensor& scale = content.tensors[3 * i + 1];
    const Tensor& bias = content.tensors[3 * i + 2];
    const std::string name = "layers." + std::to_string(i);
    EXPECT_EQ(weight.name, name + ".weight");
    EXPECT_EQ(scale.name, name + ".weight_scale");
    EXPECT_EQ(scale.dtype, "F32");
    EXPECT_THAT(scale.shape, ElementsAre(expected.scales.size()));
    EXPECT_EQ(bias.name, name + ".bias");
    EXPECT_EQ(bias.dtype, "F32");
    EXPECT_EQ(std::memcmp(weight.data.data(), expected.values.data(), weight.data.size()), 0);
    EXPECT_EQ(std::memcmp(scale.data.data(), expected.scales.data(), scale.data.size()), 0);
  }
}

TEST(WeightsFileTest, ReadsTypesThatAreMixedAsF32) {
  Draft draft = SmallDraft();
  draft.tensors["0.weight"] = {{3, 784}, std::vector<float>(3 * 784 / 2), "BF16"};
  const Weights weights = ParseWeights(draft.Bytes(), "file").value();
  EXPECT_EQ(weights.storage, StorageType::kF32);
}

TEST(WeightsFileTest, DoesNotWriteWhatATypeCannotHold) {
  const std::string path = std::filesystem::path(::testing::TempDir()) / "weights_f16_test";
  Network network = ExactNetwork();
  network.layers[1].weights[2] = 65520;
  EXPECT_EQ(std::string(WriteWeights(network, path, StorageType::kF16).message()),
            "cannot write " + path +
                ": value 2 of 'layers.1.weight' is 65520, which is too large for f16");
  EXPECT_FALSE(std::filesystem::exists(path));
  network.layers[1].bias[1] = std::numeric_limits<float>::max();
  EXPECT_EQ(std::string(WriteWeights(network, path, StorageType::kBf16).message()),
            "cannot write " + path +
                ": value 1 of 'layers.1.bias' is 3.4028235e+38, which is too large for bf16");
}

TEST(WeightsFileTest, KeepsTheSha256OfTheFilesBytes) {
  const std::string path = std::filesystem::path(::testing::TempDir()) / "weights_sha256_test";
  const std::string bytes = SmallDraft().Bytes();
  std::ofstream(path, std::ios::binary) << bytes;
  const Weights weights = ReadWeights(path).value();
  std::filesystem::remove(path);
  // By Python's hashlib, of the same bytes laid out there.
  EXPECT_EQ(weights.sha256, "1b24e80f7eb78c0a882421d1e1e4dbd75d27b4cab0d0d1613587d4b87f1bb2fd");
}

TEST(WeightsFileTest, TakesDefaultsWhereThereIsNoMetadata) {
  const Network network = ParseWeights(SmallDraft().Bytes(), "file").value().network;
  EXPECT_EQ(Architecture(network), "784-3-10");
  EXPECT_EQ(network.layers[0].activation, Activation::kRelu);
  EXPECT_EQ(network.layers[1].activation, Activation::kSoftmax);
  EXPECT_EQ(network.input_scale, 1.0f / 255);
  EXPECT_EQ(network.input_offset, 0);
  EXPECT_EQ(network.temperature, 1);
  EXPECT_THAT(network.input_ranges, IsEmpty());
  EXPECT_EQ(network.digit_threshold, std::nullopt);
  EXPECT_THAT(network.class_names, ElementsAreArray(DecimalClassNames()));
}

TEST(WeightsFileTest, LeavesMetadataOfOthersAlone) {
  Draft draft = SmallDraft();
  draft.metadata = {{"format", "pt"}, {"author", "someone"}};
  EXPECT_TRUE(ParseWeights(draft.Bytes(), "file").ok());
}

TEST(WeightsFileTest, OrdersLayersByTheLastNumberInTheirNames) {
  for (const auto& names :
       std::vector<std::vector<std::string>>{{"0", "2", "10"},
                                             {"fc1", "fc2", "fc10"},
                                             {"layers.0", "layers.9", "layers.11"},
                                             {"net2.layers.0", "net2.layers.1", "net2.layers.2"},
                                             {"hidden0.linear", "hidden1.linear", "out2"},
                                             {"z.1", "y.2", "x.3"}}) {
    Draft draft;
    draft.AddLayer(names[0], 784, 4);
    draft.AddLayer(names[1], 4, 5);
    draft.AddLayer(names[2], 5, 10);
    const absl::StatusOr<Weights> weights = ParseWeights(draft.Bytes(), "file");
    ASSERT_TRUE(weights.ok()) << weights.status();
    EXPECT_EQ(Architecture(weights->network), "784-4-5-10");
  }
}

TEST(WeightsFileTest, ReadsOneLayerWithoutANumber) {
  Draft draft;
  draft.AddLayer("linear", 784, 10);
  EXPECT_EQ(Architecture(ParseWeights(draft.Bytes(), "file").value().network), "784-10");
}

TEST(WeightsFileTest, NamesAMissingFile) {
  const absl::Status status = ReadWeights("/nowhere/weights.safetensors").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nowhere/weights.safetensors"));
}

TEST(WeightsFileTest, NamesTheFileThatIsNoSafetensors) {
  EXPECT_EQ(std::string(ParseWeights("text", "some.file").status().message()),
            "some.file: it has 4 bytes; a safetensors file has at least 10");
}

TEST(WeightsFileTest, DoesNotWriteANetworkThatHasDivergedToNan) {
  const std::string path = std::filesystem::path(::testing::TempDir()) / "weights_nan_test";
  Network network = SmallNetwork();
  network.layers[1].bias[1] = std::numeric_limits<float>::quiet_NaN();
  const absl::Status status = WriteWeights(network, path);
  EXPECT_EQ(std::string(status.message()),
            "cannot write " + path + ": layer 1: value 1 of its bias is nan; all must be finite");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(WeightsFileTest, DoesNotWriteWhatWouldNotBeRead) {
  const std::string path = std::filesystem::path(::testing::TempDir()) / "weights_large_test";
  Network network;
  int inputs = 784;
  for (const int outputs : {8192, 8192, 10}) {
    DenseLayer& layer = network.layers.emplace_back();
    layer.inputs = inputs;
    layer.outputs = outputs;
    layer.weights.resize(static_cast<size_t>(inputs) * static_cast<size_t>(outputs));
    layer.bias.resize(static_cast<size_t>(outputs));
    layer.activation = outputs == 10 ? Activation::kSoftmax : Activation::kRelu;
    inputs = outputs;
  }
  network.class_names = DecimalClassNames();
  const absl::Status status = WriteWeights(network, path);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("cannot write " + path + ": it would have 2945"),
                    HasSubstr(" bytes; at most 268435456 are read")));
  EXPECT_FALSE(std::filesystem::exists(path));
}

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

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

INSTANTIATE_TEST_SUITE_P(
    Tensors, BadWeightsTest,
    ::testing::Values(
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
        BadMetadata("NegativeRange", "digits.input_ranges", "[-2]",
                    "the input range of layer 1 is -2; it must be finite and positive"),
        BadMetadata("InfiniteOffset", "digits.input_offset", "-inf",
                    "the input offset is -inf; it must be finite")),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace digits
