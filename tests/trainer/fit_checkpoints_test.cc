// What is left of a fit that ends too early.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/process.h"
#include "tests/trainer/digits_folder.h"
#include "trainer/training/checkpoint.h"

namespace digits {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

class FitCheckpointsTest : public DigitsFolderTest {
 protected:
  // Runs a fit and interrupts it where it says `moment`.
  void Stop(const std::string& command, const std::string& moment) const {
    Process fit({"/bin/bash", "-c", "exec " + command}, folder_);
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (fit.Running() && fit.Stderr().find(moment) == std::string::npos) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << fit.Stderr();
      std::this_thread::sleep_for(5ms);
    }
    fit.Signal(SIGINT);
    ASSERT_EQ(fit.Wait(20s), 1) << fit.Stderr();
    ASSERT_THAT(fit.Stderr(), HasSubstr("stopped; writing the weights of"));
  }
};

TEST_F(FitCheckpointsTest, AResumedFitIsTheSameAsAWholeOne) {
  const std::string fit = std::string(DIGITS_TRAINER) + " fit --data " + kData +
                          " --epochs 2000 --optimizer adamw --output ";
  const std::string command =
      fit + "a.safetensors --checkpoint a.checkpoint --checkpoint-every 10 --resume";
  const auto run = [&](const std::string& line) {
    return RunProgram({"/bin/bash", "-c", "exec " + line}, folder_);
  };
  ASSERT_EQ(run(fit + "whole.safetensors").exit_code, 0);
  ASSERT_NO_FATAL_FAILURE(Stop(command, "Epoch 20/"));
  for (const char* const name :
       {"a.checkpoint.0123abcd.tmp", "a.safetensors.0123abcd.tmp", "a.checkpoint.original.tmp"}) {
    std::ofstream(folder_ / name) << "half";
  }
  const Finished rest = run(command);
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_THAT(rest.err, ContainsRegex("resumed after epoch [0-9]+0/2000\n"));
  EXPECT_EQ(ReadAll(folder_ / "whole.safetensors"), ReadAll(folder_ / "a.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.checkpoint.0123abcd.tmp")) << "a leftover";
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.safetensors.0123abcd.tmp")) << "another";
  EXPECT_TRUE(std::filesystem::exists(folder_ / "a.checkpoint.original.tmp")) << "somebody's";

  const Finished other =
      Fit("a.safetensors", {"--epochs", "3", "--checkpoint", "a.checkpoint", "--resume"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, AllOf(HasSubstr("a.checkpoint: it is a checkpoint of another fit"),
                               HasSubstr("epochs is 2000 there and 3 here")));
}

TEST_F(FitCheckpointsTest, ACheckpointIsOfOneDistortion) {
  ASSERT_EQ(Fit("a.safetensors", {"--checkpoint", "a.checkpoint", "--rotation", "10"}).exit_code,
            0);
  const Finished other =
      Fit("a.safetensors", {"--checkpoint", "a.checkpoint", "--resume", "--rotation", "15"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("rotation is 10 there and 15 here"));
  EXPECT_EQ(Fit("a.safetensors", {"--checkpoint", "a.checkpoint", "--resume"}).exit_code, 1);
}

// A limit on the size of files stands for a disk that is full.
TEST_F(FitCheckpointsTest, AFullDiskLosesNothing) {
  const std::string command = std::string(DIGITS_TRAINER) + " fit --data " + kData +
                              " --output a.safetensors --hidden 1000 --epochs 60 --resume "
                              "--checkpoint a.checkpoint --checkpoint-every 10";
  ASSERT_NO_FATAL_FAILURE(Stop(command, "Epoch 12/"));
  const std::string checkpoint = ReadAll(folder_ / "a.checkpoint");
  const std::string weights = ReadAll(folder_ / "a.safetensors");
  const Finished full = RunProgram({"/bin/bash", "-c", "ulimit -f 20; " + command}, folder_);
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_THAT(full.err, AllOf(HasSubstr("resumed after epoch "),
                              HasSubstr("the checkpoint of this epoch was not written: "),
                              HasSubstr("cannot write a.checkpoint"),
                              HasSubstr("digits-trainer: cannot write a.safetensors")));
  EXPECT_EQ(ReadAll(folder_ / "a.safetensors"), weights);
  EXPECT_EQ(ReadAll(folder_ / "a.checkpoint"), checkpoint);
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
  }
}

// One step an epoch: the second one's weights are numbers still, but what they answer is none.
TEST_F(FitCheckpointsTest, ADivergedFitLeavesTheLastGoodCheckpoint) {
  const Finished fit = Fit("a.safetensors", {"--learning-rate", "1e12", "--batch", "300",
                                             "--epochs", "5", "--checkpoint", "c"});
  EXPECT_EQ(fit.exit_code, 1);
  EXPECT_THAT(fit.err, ContainsRegex("training has diverged: after step 2 the loss of the first "
                                     "images is .*try a lower learning rate than .*, and another "
                                     "checkpoint"));
  const auto checkpoint = ReadCheckpoint(folder_ / "c");
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->history.size(), 1u);
}

}  // namespace
}  // namespace digits
