#include "trainer/training/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <string>

#include "server/model/safetensors.h"

namespace digits {
namespace {

using testing::HasSubstr;

std::vector<DenseLayer> Layers(float first) {
  DenseLayer one, two;
  one.inputs = 3;
  one.outputs = 2;
  one.weights = {first, 1, 2, 3, 4, 5};
  one.bias = {6, 7};
  two.inputs = 2;
  two.outputs = 2;
  two.weights = {first, -1, -2, -3};
  two.bias = {-4, std::numeric_limits<float>::denorm_min()};
  return {one, two};
}

Checkpoint Example() {
  Checkpoint checkpoint;
  checkpoint.identity = {{"epochs", "4"}, {"data_sha256", "00ff"}};
  checkpoint.steps = uint64_t{1} << 40;
  checkpoint.weights = Layers(10);
  checkpoint.memories = {Layers(20), Layers(30)};
  checkpoint.average = Layers(40);
  checkpoint.history = {{1, 0.5, {2.25, 0.1}, Measures{2.5, 0.25}},
                        {2, 0.25, {0.1, 0.7}, Measures{1.0 / 3, 0.5}}};
  checkpoint.best = BestEpoch{2, {1.0 / 3, 0.5}, Layers(50)};
  checkpoint.shuffle = "1 2 3";
  checkpoint.order = {2, 0, 1};
  return checkpoint;
}

void ExpectSame(const std::vector<DenseLayer>& a, const std::vector<DenseLayer>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].inputs, b[i].inputs);
    EXPECT_EQ(a[i].outputs, b[i].outputs);
    EXPECT_EQ(a[i].weights, b[i].weights);
    EXPECT_EQ(a[i].bias, b[i].bias);
  }
}

TEST(CheckpointTest, ComesBackAsItWas) {
  const Checkpoint written = Example();
  const auto read = ParseCheckpoint(SerializeCheckpoint(written), "file");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->identity, written.identity);
  EXPECT_EQ(read->steps, written.steps);
  ExpectSame(read->weights, written.weights);
  ASSERT_EQ(read->memories.size(), 2u);
  ExpectSame(read->memories[0], written.memories[0]);
  ExpectSame(read->memories[1], written.memories[1]);
  ExpectSame(read->average, written.average);
  EXPECT_EQ(read->shuffle, written.shuffle);
  EXPECT_EQ(read->order, written.order);
  ASSERT_TRUE(read->best);
  EXPECT_EQ(read->best->epoch, 2);
  EXPECT_EQ(read->best->validation.loss, 1.0 / 3);
  ExpectSame(read->best->layers, written.best->layers);
  ASSERT_EQ(read->history.size(), 2u);
  EXPECT_EQ(read->history[0].seconds, 0.5);
  EXPECT_EQ(read->history[1].train.loss, 0.1);
  EXPECT_EQ(read->history[1].validation->accuracy, 0.5);
}

TEST(CheckpointTest, NeedsNoMemoriesNoAverageAndNoBest) {
  Checkpoint written = Example();
  written.memories.clear();
  written.average.clear();
  written.best.reset();
  written.history[0].validation.reset();
  const auto read = ParseCheckpoint(SerializeCheckpoint(written), "file");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->memories.empty());
  EXPECT_TRUE(read->average.empty());
  EXPECT_FALSE(read->best);
  EXPECT_FALSE(read->history[0].validation);
}

TEST(CheckpointTest, NoByteCanChangeUnnoticed) {
  const std::string bytes = SerializeCheckpoint(Example());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(ParseCheckpoint(changed, "file").ok()) << "byte " << i;
  }
  for (size_t size = 0; size < bytes.size(); size += 11) {
    EXPECT_FALSE(ParseCheckpoint(bytes.substr(0, size), "file").ok()) << size;
  }
}

// The same file with something else in it. What is wrong with that is said before the hash is.
struct Broken {
  std::string name;
  std::function<void(Safetensors&)> change;
  std::string message;
};

class BrokenTest : public testing::TestWithParam<Broken> {};

TEST_P(BrokenTest, IsRefusedWithAReason) {
  const std::string bytes = SerializeCheckpoint(Example());
  Safetensors file = *ParseSafetensors(bytes);
  GetParam().change(file);
  const auto read = ParseCheckpoint(SerializeSafetensors(file), "some.checkpoint");
  ASSERT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(read.status().message()),
              testing::AllOf(HasSubstr("some.checkpoint: "), HasSubstr(GetParam().message)));
}

std::string NameOfBroken(const testing::TestParamInfo<Broken>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Files, BrokenTest,
    testing::Values(
        Broken{"Weights", [](Safetensors& f) { f.metadata.clear(); }, "it is no checkpoint"},
        Broken{"AnotherFormat", [](Safetensors& f) { f.metadata["checkpoint.format"] = "1"; },
               "a checkpoint of format '1'; this program reads 2"},
        Broken{"NoHash", [](Safetensors& f) { f.metadata.erase("checkpoint.sha256"); },
               "it has no entry checkpoint.sha256"},
        Broken{"NoTensor", [](Safetensors& f) { f.tensors.erase(f.tensors.end() - 2); },
               "it has no tensor order of type U32"},
        Broken{"AnotherTensor", [](Safetensors& f) { f.tensors.front().name = "surplus"; },
               "it is damaged"},
        Broken{"OtherSteps", [](Safetensors& f) { f.metadata["checkpoint.steps"] = "7"; },
               "it is damaged"},
        Broken{"AnotherRandomOrder", [](Safetensors& f) { f.metadata["checkpoint.shuffle"] = "4"; },
               "it is damaged"},
        Broken{"NoSteps", [](Safetensors& f) { f.metadata.erase("checkpoint.steps"); },
               "it has no entry checkpoint.steps"},
        Broken{"StepsThatAreNone", [](Safetensors& f) { f.metadata["checkpoint.steps"] = "many"; },
               "checkpoint.steps is 'many' and no number"},
        Broken{"ABestEpochToCome", [](Safetensors& f) { f.metadata["checkpoint.best"] = "3"; },
               "its best epoch is 3"},
        Broken{"AnIdentityThatIsNone",
               [](Safetensors& f) { f.metadata["checkpoint.identity"] = "[]"; },
               "checkpoint.identity is not a JSON object"}),
    NameOfBroken);

TEST(CheckpointTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_EQ(ReadCheckpoint("no/such.checkpoint").status().code(), absl::StatusCode::kNotFound);
}

TEST(CheckpointTest, AnotherIdentityIsRefusedByWhatDiffers) {
  const std::map<std::string, std::string> saved = {{"batch", "32"}, {"seed", "1"}, {"ema", "0.9"}};
  EXPECT_TRUE(CheckIdentity(saved, saved, "file").ok());
  const absl::Status status =
      CheckIdentity(saved, {{"batch", "64"}, {"seed", "1"}, {"dropout", "0.2"}}, "some.checkpoint");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::string(status.message()),
            "some.checkpoint: it is a checkpoint of another fit: batch is 32 there and 64 here; "
            "dropout is absent there and 0.2 here; ema is 0.9 there and absent here");
}

}  // namespace
}  // namespace digits
