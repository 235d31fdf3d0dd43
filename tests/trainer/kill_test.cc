// digits-trainer killed at random moments of a fit that keeps a checkpoint.
//
// DIGITS_KILLS says how often, 10 times unless it is set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "server/model/weights_file.h"
#include "tests/e2e/process.h"
#include "tests/trainer/digits_folder.h"
#include "trainer/training/checkpoint.h"
#include "trainer/training/random.h"

namespace digits {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class KillTest : public DigitsFolderTest {
 protected:
  // A fit of some seconds that has everything a checkpoint must hold.
  std::vector<std::string> Command(const std::string& output) const {
    return {DIGITS_TRAINER, "fit",    "--data",          kData,   "--output",           output,
            "--hidden",     "200,40", "--batch",         "16",    "--optimizer",        "adamw",
            "--dropout",    "0.2",    "--learning-rate", "0.001", "--schedule",         "cosine",
            "--ema",        "0.99",   "--epochs",        "40",    "--validation-split", "0.2"};
  }
};

TEST_F(KillTest, NothingOnDiskIsEverBrokenAndTheWeightsAreTheSameInTheEnd) {
  const Finished whole = RunProgram(Command("whole.safetensors"), folder_);
  ASSERT_EQ(whole.exit_code, 0) << whole.err;

  std::vector<std::string> command = Command("killed.safetensors");
  for (const char* const flag : {"--checkpoint", "fit.checkpoint", "--resume"}) {
    command.emplace_back(flag);
  }
  const char* const wanted = std::getenv("DIGITS_KILLS");
  const int kills = wanted == nullptr ? 10 : std::atoi(wanted);
  // What a kill in the middle of a write leaves, in case none comes at that moment.
  std::ofstream(folder_ / "fit.checkpoint.0123abcd.tmp") << "half";
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed of the moments: " + std::to_string(seed));
  Random random(seed, RandomStream::kShuffle);
  size_t epochs = 0;
  int ends = 0;
  int kept = 0;  // kills that left a checkpoint
  for (int killed = 0; killed < kills;) {
    Process fit(command, folder_);
    // The first one leaves a checkpoint for certain, from which the others go on.
    while (killed == 0 && fit.Running() && !std::filesystem::exists(folder_ / "fit.checkpoint")) {
      std::this_thread::sleep_for(5ms);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random.Below(300'000)));
    fit.Signal(SIGKILL);
    if (const int exit_code = fit.Wait(20s); exit_code == 128 + SIGKILL) {
      ++killed;
    } else {
      // It was done before it was killed. Another one begins.
      ASSERT_EQ(exit_code, 0) << fit.Stderr();
      ASSERT_EQ(ReadAll(folder_ / "whole.safetensors"), ReadAll(folder_ / "killed.safetensors"));
      std::filesystem::remove(folder_ / "fit.checkpoint");
      epochs = 0;
      ASSERT_LE(++ends, kills) << "fits are too short to be killed";
      continue;
    }
    const auto checkpoint = ReadCheckpoint(folder_ / "fit.checkpoint");
    if (absl::IsNotFound(checkpoint.status())) {
      EXPECT_EQ(epochs, 0u) << "a checkpoint has vanished";
    } else {
      ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
      EXPECT_GE(checkpoint->history.size(), epochs) << "an older checkpoint has come back";
      epochs = checkpoint->history.size();
      ++kept;
    }
    if (std::filesystem::exists(folder_ / "killed.safetensors")) {
      EXPECT_TRUE(ReadWeights(folder_ / "killed.safetensors").ok());
    }
  }
  EXPECT_GT(kept, 0) << "no checkpoint was ever written before a kill";
  const Finished resumed = RunProgram(command, folder_);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  if (epochs > 0) {
    EXPECT_THAT(resumed.err,
                testing::HasSubstr("resumed after epoch " + std::to_string(epochs) + "/40\n"));
  }
  EXPECT_EQ(ReadAll(folder_ / "whole.safetensors"), ReadAll(folder_ / "killed.safetensors"));
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("fit.checkpoint.")) << entry.path();
  }
}

}  // namespace
}  // namespace digits
