// Fits whose weights stop answering numbers.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"
#include "tests/trainer/training/quarters.h"
#include "trainer/training/fit.h"

namespace digits {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Divergence {
  std::string name;
  std::function<void(FitOptions&)> change;  // of a fit of one step on all of 100 images
  bool test_part = false;
  std::string message;
};

std::ostream& operator<<(std::ostream& out, const Divergence& divergence) {
  return out << divergence.name;
}

class FitDivergenceTest : public testing::TestWithParam<Divergence> {};

TEST_P(FitDivergenceTest, IsAnErrorThatSaysWhereAndWhatToDo) {
  TrainingData data = {Quarters(100, 1), std::nullopt};
  if (GetParam().test_part) data.test = Quarters(20, 2);
  FitOptions options = SmallFit();
  options.learning_rate = 1e30;
  options.batch = 100;
  options.epochs = 1;
  GetParam().change(options);
  FitObserver silent;
  const absl::Status status = Fit(data, options, kGoOn, silent).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      std::string(status.message()),
      AllOf(HasSubstr("training has diverged: " + GetParam().message),
            HasSubstr(fmt::format("try a lower learning rate than {}", options.learning_rate))));
}

INSTANTIATE_TEST_SUITE_P(
    , FitDivergenceTest,
    testing::ValuesIn(std::vector<Divergence>{
        {"InTheLossOfAStep", [](FitOptions& o) { o.epochs = 2; }, false, "the loss of step 2 "},
        {"WhereNothingIsValidated", [](FitOptions&) {}, false,
         "after step 1 the loss of the first images is "},
        {"InTheTestPart", [](FitOptions&) {}, true, "the val_loss of epoch 1 is "},
        {"InTheValidation",
         [](FitOptions& o) {
           o.validation_split = 0.2;
           o.batch = 80;
         },
         false, "the val_loss of epoch 1 is "},
        // No earlier epoch stands in for it.
        {"AfterAGoodEpoch",
         [](FitOptions& o) {
           o.validation_split = 0.2;
           o.batch = 80;
           o.epochs = 2;
           o.learning_rate = 1e9;
         },
         false, "the val_loss of epoch 2 is "},
        {"AfterAGoodEpochThatIsNotKept",
         [](FitOptions& o) {
           o.validation_split = 0.2;
           o.batch = 80;
           o.epochs = 2;
           o.learning_rate = 1e9;
           o.keep_last = true;
         },
         false, "the val_loss of epoch 2 is "}}),
    [](const auto& divergence) { return divergence.param.name; });

TEST(FitDivergence, WeightsAreNotSavedThoughTheirAverageAnswersNumbers) {
  const TemporaryFolder folder;
  FitOptions options = SmallFit();
  options.hidden = {16, 16, 16, 16, 16, 16};
  options.batch = 80;
  options.epochs = 2;
  options.validation_split = 0.2;
  options.ema = 0.999;
  options.learning_rate = 3e7;
  FitObserver silent;
  const Checkpoints checkpoints = {folder.File("fit.checkpoint"), 1, false};
  const auto result =
      Fit({Quarters(100, 1), std::nullopt}, options, kGoOn, silent, {}, checkpoints);
  EXPECT_THAT(std::string(result.status().message()),
              AllOf(HasSubstr("after step 1 the loss of the first images is "),
                    HasSubstr(", and another checkpoint")));
  EXPECT_FALSE(std::filesystem::exists(checkpoints.path));
}

}  // namespace
}  // namespace digits
