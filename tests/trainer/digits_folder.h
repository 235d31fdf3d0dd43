// A folder with digits in it, for tests that run digits-trainer.
#ifndef DIGITS_TESTS_TRAINER_DIGITS_FOLDER_H_
#define DIGITS_TESTS_TRAINER_DIGITS_FOLDER_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/process.h"
#include "trainer/data/strokes.h"

namespace digits {

inline std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// A folder for each test, with 300 digits in it as IDX files.
class DigitsFolderTest : public testing::Test {
 protected:
  DigitsFolderTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    const DataSet data = DrawStrokes(300, 1);
    std::string images, labels;
    for (const uint32_t word : {0x803u, 300u, 28u, 28u}) Append(images, word);
    for (const uint32_t word : {0x801u, 300u}) Append(labels, word);
    images.append(data.pixels.begin(), data.pixels.end());
    labels.append(data.labels.begin(), data.labels.end());
    std::ofstream(folder_ / "digits-images-idx3-ubyte", std::ios::binary) << images;
    std::ofstream(folder_ / "digits-labels-idx1-ubyte", std::ios::binary) << labels;
  }
  ~DigitsFolderTest() override { std::filesystem::remove_all(folder_); }

  Finished Trainer(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), DIGITS_TRAINER);
    return RunProgram(arguments, folder_);
  }

  // Fits the digits in the folder, with more flags after those.
  Finished Fit(const std::string& output, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"fit", "--data", kData, "--output", output};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Trainer(std::move(arguments));
  }

  static constexpr const char* kData = "digits-images-idx3-ubyte";
  const std::filesystem::path folder_ =
      std::filesystem::path(DIGITS_BINARY_DIR) / "tests" /
      (std::string("DigitsFolderTest.") +
       testing::UnitTest::GetInstance()->current_test_info()->name());

 private:
  static void Append(std::string& bytes, uint32_t big_endian) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(big_endian >> shift);
  }
};

}  // namespace digits

#endif  // DIGITS_TESTS_TRAINER_DIGITS_FOLDER_H_
