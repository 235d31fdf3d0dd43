#include "trainer/training/fit_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

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

std::string NameOfRefusal(const testing::TestParamInfo<Refusal>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    FitOptions, RefusalTest,
    testing::ValuesIn(std::vector<Refusal>{
        {"NoEpochs", [](FitOptions& o) { o.epochs = 0; }, "0 epochs cannot be trained"},
        {"NegativeEpochs", [](FitOptions& o) { o.epochs = -1; }, "-1 epochs cannot be trained"},
        {"PatienceForTheLast",
         [](FitOptions& o) {
           o.validation_split = 0.1;
           o.patience = 2;
           o.keep_last = true;
         },
         "patience is for the best epoch"},
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
        {"NesterovAlone", [](FitOptions& o) { o.nesterov = true; },
         "Nesterov's momentum needs a momentum"},
        {"MomentumOfAdamW",
         [](FitOptions& o) {
           o.optimizer = OptimizerKind::kAdamW;
           o.momentum = 0.9;
         },
         "momentum is for sgd"},
        {"NegativeDecay", [](FitOptions& o) { o.weight_decay = -0.1; }, "the weight decay is -0.1"},
        {"DecayThatIsNoNumber", [](FitOptions& o) { o.weight_decay = std::nan(""); },
         "the weight decay is nan"},
        {"WarmUpOfTheWholeFit", [](FitOptions& o) { o.warmup = 5; },
         "the warm-up is 5 epochs; it must be at least 0 and less than the 5"},
        {"SmoothingOfOne", [](FitOptions& o) { o.label_smoothing = 1; },
         "the label smoothing is 1"},
        {"OutliersOfOne", [](FitOptions& o) { o.outliers = 1; }, "the share of outliers is 1"},
        {"DropoutOfOne", [](FitOptions& o) { o.dropout = 1; }, "the dropout is 1"},
        {"DropoutThatIsOneAsAFloat", [](FitOptions& o) { o.dropout = 0.999999999; },
         "as a float, less than 1"},
        {"DropoutThatIsNoNumber", [](FitOptions& o) { o.dropout = std::nan(""); },
         "the dropout is nan"},
        {"EmaOfOne", [](FitOptions& o) { o.ema = 1; },
         "the decay of the averaged weights (ema) is 1"},
        {"EchoOfNone", [](FitOptions& o) { o.echo = 0; },
         "0 epochs in a row cannot train the same images"},
        {"PatienceWithoutASplit", [](FitOptions& o) { o.patience = 3; },
         "patience needs a validation split"},
        {"NegativePatience",
         [](FitOptions& o) {
           o.patience = -1;
           o.validation_split = 0.1;
         },
         "the patience is -1"},
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
    NameOfRefusal);

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

TEST(FitOptionsTest, OneThreadIsEnoughUnlessALayerIsWide) {
  FitOptions options;
  EXPECT_EQ(ComputingThreads(options), 1);
  options.hidden = {1024};
  EXPECT_EQ(ComputingThreads(options), omp_get_num_procs());
  options.threads = 3;
  EXPECT_EQ(ComputingThreads(options), 3);
}

// What the article's recipe does without is not said where it is not there.
TEST(FitOptionsTest, AreDescribedByTheirFlags) {
  FitOptions options;
  EXPECT_EQ(Describe(options).size(), 11u);
  options.optimizer = OptimizerKind::kAdamW;
  options.ema = 0.999;
  options.echo = 4;
  options.keep_last = true;
  std::string all;
  for (const OptionText& text : Describe(options)) all += text.name + "=" + text.value + " ";
  EXPECT_EQ(all,
            "hidden=16,16 activation=relu loss=cross-entropy learning-rate=0.01 momentum=0 "
            "batch=32 epochs=5 validation-split=0 seed=1 threads=1 "
            "class-names=0,1,2,3,4,5,6,7,8,9 optimizer=adamw ema=0.999 echo=4 keep-last= ");
}

}  // namespace
}  // namespace digits
