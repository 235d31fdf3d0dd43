// digits-trainer convert as its users call it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "server/model/weights_file.h"
#include "tests/e2e/process.h"
#include "tests/trainer/digits_folder.h"

namespace digits {
namespace {

using testing::HasSubstr;

using ConvertCommandTest = DigitsFolderTest;

TEST_F(ConvertCommandTest, ConvertKeepsTheNetworkInFewerBytes) {
  ASSERT_EQ(Fit("a.safetensors", {"--epochs", "1"}).exit_code, 0);
  const auto original = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(original.ok()) << original.status();
  const struct {
    const char* type;
    StorageType storage;
    double bytes;     // a weight
    float tolerance;  // half a step of weights below 0.5
  } kTypes[] = {{"f32", StorageType::kF32, 4, 0},
                {"f16", StorageType::kF16, 2, 0x1p-13f},
                {"bf16", StorageType::kBf16, 2, 0x1p-10f},
                {"i8", StorageType::kI8, 1, 0.5f / 127 / 2 + 1e-6f}};
  for (const auto& [type, storage, bytes, tolerance] : kTypes) {
    const Finished convert =
        Trainer({"convert", "a.safetensors", "--storage", type, "--output", "b.safetensors"});
    ASSERT_EQ(convert.exit_code, 0) << convert.err;
    const auto converted = ReadWeights(folder_ / "b.safetensors");
    ASSERT_TRUE(converted.ok()) << converted.status();
    EXPECT_EQ(converted->storage, storage);
    EXPECT_EQ(convert.out, "b.safetensors: 784-16-16-10, sha256 " + converted->sha256 + "\n");
    EXPECT_EQ(converted->network.provenance, original->network.provenance);
    EXPECT_NEAR(static_cast<double>(std::filesystem::file_size(folder_ / "b.safetensors")),
                12'960 * bytes, 3000);
    const std::vector<float>& weights = converted->network.layers[0].weights;
    for (size_t i = 0; i < weights.size(); ++i) {
      ASSERT_NEAR(weights[i], original->network.layers[0].weights[i], tolerance) << type;
    }
  }
}

TEST_F(ConvertCommandTest, ConvertMayReplaceItsInput) {
  ASSERT_EQ(Fit("a.safetensors", {"--epochs", "1"}).exit_code, 0);
  for (int i = 0; i < 2; ++i) {
    const Finished convert =
        Trainer({"convert", "a.safetensors", "--storage", "i8", "--output", "a.safetensors"});
    ASSERT_EQ(convert.exit_code, 0) << convert.err;
  }
  const auto converted = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(converted.ok()) << converted.status();
  EXPECT_EQ(converted->storage, StorageType::kI8);
}

TEST_F(ConvertCommandTest, ConvertWritesToAPipe) {
  ASSERT_EQ(Fit("a.safetensors", {"--epochs", "1"}).exit_code, 0);
  const Finished run =
      RunProgram({"/bin/sh", "-c",
                  std::string(DIGITS_TRAINER) +
                      " convert a.safetensors --storage i8 --output /dev/stdout | cat > b"},
                 folder_);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto piped = ReadWeights(folder_ / "b");
  ASSERT_TRUE(piped.ok()) << piped.status();
  EXPECT_EQ(piped->storage, StorageType::kI8);
  EXPECT_THAT(run.err, HasSubstr("/dev/stdout: 784-16-16-10, sha256 " + piped->sha256));
}

}  // namespace
}  // namespace digits
