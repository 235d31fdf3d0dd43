#include "server/model/weights_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "server/model/quantization.h"
#include "server/model/safetensors.h"
#include "tests/server/model/weights_draft.h"
#include "tests/temporary_folder.h"

namespace digits {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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
  const TemporaryFolder folder;
  const std::string path = folder.File("weights");
  ASSERT_TRUE(WriteWeights(SmallNetwork(), path).ok());
  const Weights weights = ReadWeights(path).value();
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
  const TemporaryFolder folder;
  const std::string path = folder.File("weights");
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
  const TemporaryFolder folder;
  const std::string path = folder.File("weights");
  const std::string bytes = SmallDraft().Bytes();
  std::ofstream(path, std::ios::binary) << bytes;
  const Weights weights = ReadWeights(path).value();
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
  const TemporaryFolder folder;
  const std::string path = folder.File("weights");
  Network network = SmallNetwork();
  network.layers[1].bias[1] = std::numeric_limits<float>::quiet_NaN();
  const absl::Status status = WriteWeights(network, path);
  EXPECT_EQ(std::string(status.message()),
            "cannot write " + path + ": layer 1: value 1 of its bias is nan; all must be finite");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(WeightsFileTest, DoesNotWriteWhatWouldNotBeRead) {
  const TemporaryFolder folder;
  const std::string path = folder.File("weights");
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

TEST(WeightsFileTest, DoesNotWriteAHeaderThatWouldNotBeRead) {
  const TemporaryFolder folder;
  const std::string path = folder.File("weights");
  Network network = SmallNetwork();
  network.provenance["note"] = std::string(kMaxSafetensorsHeaderBytes, 'x');
  const absl::Status status = WriteWeights(network, path);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("cannot write " + path + ": its header, with the provenance"),
                    HasSubstr(" bytes; at most 1048576 are read")));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(WeightsFileTest, ReadsTheLeastIntegerOfI8) {
  // No file of ours holds -128; others' may.
  Draft draft = SmallDraft();
  Draft::F32& weight = draft.tensors["0.weight"];
  weight = {{3, 784}, std::vector<float>(588), "I8"};
  reinterpret_cast<int8_t*>(weight.values.data())[5] = -128;
  draft.tensors["0.weight_scale"] = {{3}, {0.25f, 1, 1}};
  const Network network = ParseWeights(draft.Bytes(), "file").value().network;
  EXPECT_EQ(network.layers[0].weights[5], -32);
  const std::string again = SerializeWeights(network, StorageType::kI8).value();
  const std::vector<float> weights = ParseWeights(again, "file").value().network.layers[0].weights;
  EXPECT_NEAR(weights[5], -32, 1e-3);
}

}  // namespace
}  // namespace digits
