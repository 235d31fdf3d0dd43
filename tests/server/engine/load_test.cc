#include "server/engine/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/server/engine/reference_network.h"

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(LoadTest, DescribesTheModelThatItServes) {
  Weights weights;
  weights.network = RandomNetwork({784, 5, 3}, Activation::kSigmoid, 1);
  weights.network.class_names = {"a", "b", "c"};
  weights.network.provenance = {{"data", "letters"}};
  weights.network.digit_threshold = 2.5f;
  weights.sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  const ServedModel model = MakeServedModel("abc", weights, Precision::kF32).value();
  EXPECT_EQ(model.name, "abc");
  EXPECT_EQ(model.sha256, weights.sha256);
  EXPECT_EQ(model.version, "0123456789ab");
  ASSERT_EQ(model.layers.size(), 2u);
  EXPECT_EQ(model.layers[0].inputs, 784);
  EXPECT_EQ(model.layers[0].outputs, 5);
  EXPECT_EQ(model.layers[0].activation, Activation::kSigmoid);
  EXPECT_EQ(model.layers[1].activation, Activation::kSoftmax);
  EXPECT_THAT(model.class_names, ElementsAre("a", "b", "c"));
  EXPECT_THAT(model.provenance, ElementsAre(Pair("data", "letters")));
  EXPECT_EQ(model.digit_threshold, 2.5f);
  EXPECT_EQ(model.classifier->classes(), 3);
  EXPECT_EQ(model.classifier->precision(), "f32");
}

TEST(LoadTest, RefusesANetworkThatCannotBeRun) {
  Weights weights;
  weights.network = RandomNetwork({784, 5, 3}, Activation::kRelu, 1);
  weights.network.layers[1].bias.clear();
  const absl::Status status = MakeServedModel("abc", weights, Precision::kAuto).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), ::testing::StartsWith("the model abc: "));
}

}  // namespace
}  // namespace digits
