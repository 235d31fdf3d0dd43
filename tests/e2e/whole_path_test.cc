// From digits to a trained network to a server's answers, by the programs that people run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/process.h"

namespace digits {
namespace {

using ::testing::HasSubstr;

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

  // Fits a network to `data` and returns its weights file, which has a digit threshold.
  std::string Fit(const std::string& data) const {
    const std::string weights = folder_ / "weights.safetensors";
    const Finished fit = RunProgram({DIGITS_TRAINER, "fit", "--data", data, "--epochs", "1",
                                     "--validation-split", "0.1", "--output", weights},
                                    folder_);
    EXPECT_EQ(fit.exit_code, 0) << fit.err;
    return weights;
  }

  Process Serve(const std::string& weights, const std::string& precision) const {
    return Process({DIGITS_SERVER, "--listen", "127.0.0.1:0", "--model", "fitted=" + weights,
                    "--precision", precision, "--drain-delay", "0s", "--log-format", "json"},
                   folder_);
  }

  // Fits a network to `data`, serves it in `precision`, and returns how many of the labels that the
  // client gives for the test part, `images` of them, the trainer gives in f32 too. None where the
  // processor does not have the precision.
  std::optional<size_t> LabelsInCommon(const std::string& data, size_t images,
                                       const std::string& precision) const {
    const std::string weights = Fit(data);
    const std::string predictions = folder_ / "predictions";
    const Finished evaluated = RunProgram(
        {DIGITS_TRAINER, "evaluate", weights, "--data", data, "--predictions", predictions},
        folder_);
    EXPECT_EQ(evaluated.exit_code, 0) << evaluated.err;

    Process server = Serve(weights, precision);
    const std::string address = WaitForAddress(server);
    if (server.Stderr().find("this processor") != std::string::npos) return std::nullopt;
    EXPECT_FALSE(address.empty()) << server.Stderr();
    const Finished client = RunProgram(
        {DIGITS_CLIENT, "classify", data, "--format", "csv", "--server", address}, folder_);
    EXPECT_EQ(client.exit_code, 0) << client.err;
    server.Signal(SIGTERM);
    EXPECT_EQ(server.Wait(10s), 0) << server.Stderr();

    const std::vector<std::string> labels = LabelsOfCsv(client.out);
    const std::vector<std::string> expected = LinesOf(predictions);
    EXPECT_EQ(labels.size(), images);
    EXPECT_EQ(expected.size(), images);
    if (labels.size() != expected.size()) return 0;
    return std::inner_product(labels.begin(), labels.end(), expected.begin(), size_t{0},
                              std::plus<>(), std::equal_to<>());
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(DIGITS_BINARY_DIR) / "tests" /
      ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(WholePathTest, TheServerReadsStrokesAsTheTrainerDoes) {
  EXPECT_EQ(LabelsInCommon("strokes", 10'000, "f32"), 10'000u);
}

TEST_F(WholePathTest, TheServerReadsMnistAsTheTrainerDoes) {
  const char* mnist = std::getenv("DIGITS_MNIST_DIR");
  if (mnist == nullptr) GTEST_SKIP() << "DIGITS_MNIST_DIR names no directory with MNIST's files";
  EXPECT_EQ(LabelsInCommon(mnist, 10'000, "f32"), 10'000u);
}

TEST_F(WholePathTest, WhatFitCalibratesIsServedInInt8) {
  const std::optional<size_t> common = LabelsInCommon("strokes", 10'000, "int8");
  if (!common) GTEST_SKIP() << "this processor has no exact int8";
  EXPECT_GE(*common, 9'900u);
}

TEST_F(WholePathTest, AboutAsManyDigitsAsCalibrationGaveUpAreUnlikeAnyClass) {
  Process server = Serve(Fit("strokes"), "f32");
  const std::string address = WaitForAddress(server);
  const Finished client = RunProgram(
      {DIGITS_CLIENT, "classify", "strokes", "--format", "jsonl", "--server", address}, folder_);
  ASSERT_EQ(client.exit_code, 0) << client.err;

  size_t digits = 0;
  size_t others = 0;
  std::istringstream lines(client.out);
  for (std::string line; std::getline(lines, line);) {
    (nlohmann::json::parse(line).at("is_digit").get<bool>() ? digits : others) += 1;
  }
  EXPECT_EQ(digits + others, 10'000u);
  // The threshold keeps 99 % of the digits that the fit was validated on.
  EXPECT_NEAR(static_cast<double>(others), 100, 60);
  EXPECT_THAT(client.err, HasSubstr("; " + std::to_string(others) + " unlike any class\n"));
}

}  // namespace
}  // namespace digits
