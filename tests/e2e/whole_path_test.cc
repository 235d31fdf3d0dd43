// From digits to a trained network to a server's answers, by the programs that people run.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/e2e/process.h"

namespace digits {
namespace {

using std::chrono_literals::operator""s;

std::vector<std::string> LinesOf(const std::filesystem::path& file) {
  std::ifstream text(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

class WholePathTest : public ::testing::Test {
 protected:
  WholePathTest() { std::filesystem::create_directories(folder_); }
  ~WholePathTest() override { std::filesystem::remove_all(folder_); }

  // Fits a network to `data`, serves it, and expects of the client the labels that the trainer
  // gives for the test part, `images` of them.
  void ExpectTheServersLabelsToBeTheTrainers(const std::string& data, size_t images) const {
    const std::string weights = folder_ / "weights.safetensors";
    const std::string predictions = folder_ / "predictions";
    const Finished fit = RunProgram(
        {DIGITS_TRAINER, "fit", "--data", data, "--epochs", "1", "--output", weights}, folder_);
    ASSERT_EQ(fit.exit_code, 0) << fit.err;
    const Finished evaluated = RunProgram(
        {DIGITS_TRAINER, "evaluate", weights, "--data", data, "--predictions", predictions},
        folder_);
    ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;

    Process server({DIGITS_SERVER, "--listen", "127.0.0.1:0", "--model", "fitted=" + weights,
                    "--drain-delay", "0s", "--log-format", "json"},
                   folder_);
    const std::string address = WaitForAddress(server);
    ASSERT_FALSE(address.empty()) << server.Stderr();
    const Finished client = RunProgram(
        {DIGITS_CLIENT, "classify", data, "--format", "csv", "--server", address}, folder_);
    ASSERT_EQ(client.exit_code, 0) << client.err;
    server.Signal(SIGTERM);
    EXPECT_EQ(server.Wait(10s), 0) << server.Stderr();

    const std::vector<std::string> labels = LabelsOfCsv(client.out);
    EXPECT_EQ(labels.size(), images);
    EXPECT_EQ(labels, LinesOf(predictions));
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(DIGITS_BINARY_DIR) / "tests" /
      ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(WholePathTest, TheServerReadsStrokesAsTheTrainerDoes) {
  ExpectTheServersLabelsToBeTheTrainers("strokes", 10'000);
}

TEST_F(WholePathTest, TheServerReadsMnistAsTheTrainerDoes) {
  const char* mnist = std::getenv("DIGITS_MNIST_DIR");
  if (mnist == nullptr) GTEST_SKIP() << "DIGITS_MNIST_DIR names no directory with MNIST's files";
  ExpectTheServersLabelsToBeTheTrainers(mnist, 10'000);
}

}  // namespace
}  // namespace digits
