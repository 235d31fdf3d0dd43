#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "trainer/training/fit.h"

namespace digits {
namespace {

struct Refusal {
  std::string name;
  std::function<void(FitOptions&)> change;
  std::string message;
};

class RefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, NamesWhatCannotBe) {
  FitOptions options;
  GetParam().change(options);
  absl::Status status = CheckFitOptions(options);
  if (status.ok()) status = CheckFitImages(options, 100);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr(GetParam().message));
}

std::string NameOf(const testing::TestParamInfo<Refusal>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    FitOptions, RefusalTest,
    testing::ValuesIn(std::vector<Refusal>{
        {"NoEpochs", [](FitOptions& o) { o.epochs = 0; }, "0 epochs cannot be trained"},
        {"NegativeEpochs", [](FitOptions& o) { o.epochs = -1; }, "-1 epochs cannot be trained"},
        {"NoBatch", [](FitOptions& o) { o.batch = 0; }, "a batch has 0 images"},
        {"BatchOfMoreThanAll", [](FitOptions& o) { o.batch = 101; }, "more than the 100"},
        {"BatchOfMoreThanTheSplitLeaves",
         [](FitOptions& o) {
           o.batch = 91;
           o.validation_split = 0.1;
         },
         "more than the 90"},
        {"RateOfZero", [](FitOptions& o) { o.learning_rate = 0; }, "the learning rate is 0"},
        {"NegativeRate", [](FitOptions& o) { o.learning_rate = -1; }, "the learning rate is -1"},
        {"RateThatIsNoNumber", [](FitOptions& o) { o.learning_rate = std::nan(""); },
         "the learning rate is nan"},
        {"InfiniteRate",
         [](FitOptions& o) { o.learning_rate = std::numeric_limits<double>::infinity(); },
         "the learning rate is inf"},
        {"RateBeyondAFloat", [](FitOptions& o) { o.learning_rate = 1e300; },
         "the learning rate is 1e+300; it must be greater than 0 and within a float's range"},
        {"RateThatIsZeroAsAFloat", [](FitOptions& o) { o.learning_rate = 1e-300; },
         "the learning rate is 1e-300"},
        {"MomentumOfOne", [](FitOptions& o) { o.momentum = 1; }, "the momentum is 1"},
        {"MomentumThatIsOneAsAFloat", [](FitOptions& o) { o.momentum = 0.999999999; },
         "as a float, less than 1"},
        {"NegativeMomentum", [](FitOptions& o) { o.momentum = -0.5; }, "the momentum is -0.5"},
        {"MomentumThatIsNoNumber", [](FitOptions& o) { o.momentum = std::nan(""); },
         "the momentum is nan"},
        {"SplitOfOne", [](FitOptions& o) { o.validation_split = 1; }, "the validation split is 1"},
        {"NegativeSplit", [](FitOptions& o) { o.validation_split = -0.1; },
         "the validation split is -0.1"},
        {"SplitOfNoImage", [](FitOptions& o) { o.validation_split = 0.001; },
         "leaves 100 of 100 images to train and 0 to validate"},
        {"SplitOfAllImages", [](FitOptions& o) { o.validation_split = 0.999; },
         "leaves 0 of 100 images to train and 100 to validate"},
        {"WidthOfZero",
         [](FitOptions& o) {
           o.hidden = {16, 0};
         },
         "a hidden layer is 0 wide"},
        {"NegativeWidth", [](FitOptions& o) { o.hidden = {-16}; }, "a hidden layer is -16 wide"},
        {"AbsurdWidth", [](FitOptions& o) { o.hidden = {1'000'000'000}; },
         "a hidden layer is 1000000000 wide"},
        {"AbsurdDepth", [](FitOptions& o) { o.hidden.assign(64, 16); }, "there are 64 hidden"},
        {"AbsurdMemory", [](FitOptions& o) { o.hidden = {65'536, 65'536}; }, "GiB"},
        {"MoreThanAFileHolds", [](FitOptions& o) { o.hidden = {8'192, 8'192}; },
         "73629706 weights and biases; at most 66846720"},
        {"OneClass", [](FitOptions& o) { o.class_names = {"a"}; }, "2 to 256 classes are allowed"},
        {"AbsurdClasses", [](FitOptions& o) { o.class_names.resize(257); },
         "there are 257 classes"},
        {"ClassesOfOneName", [](FitOptions& o) { o.class_names = {"a", "b", "a"}; },
         "two classes are called 'a'"},
        {"ClassOfNoUtf8", [](FitOptions& o) { o.class_names = {"caf\xe9", "a"}; },
         "a class name is not UTF-8"},
        {"ClassOfControlCharacters", [](FitOptions& o) { o.class_names = {"\x1b[2J", "a"}; },
         "a class name holds a control character"},
        {"NoThreads", [](FitOptions& o) { o.threads = 0; }, "0 threads cannot be used"},
        {"AbsurdThreads", [](FitOptions& o) { o.threads = 100'000; }, "100000 threads"}}),
    NameOf);

TEST(FitOptionsTest, DefaultsAreTheArticlesRecipe) {
  const FitOptions options;
  EXPECT_TRUE(CheckFitOptions(options).ok());
  EXPECT_TRUE(CheckFitImages(options, 60'000).ok());
  EXPECT_THAT(options.hidden, testing::ElementsAre(16, 16));
  EXPECT_EQ(options.activation, Activation::kRelu);
  EXPECT_EQ(options.loss, Loss::kCrossEntropy);
  EXPECT_EQ(options.learning_rate, 0.01);
  EXPECT_EQ(options.momentum, 0);
  EXPECT_EQ(options.batch, 32);
  EXPECT_EQ(options.epochs, 5);
}

}  // namespace
}  // namespace digits
