// Photographs of digits in folders, read by the shipped model through the programs that people run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include "tests/e2e/process.h"
#include "tests/pictures/picture_maker.h"
#include "tests/temporary_folder.h"
#include "trainer/data/png_encoder.h"

namespace digits {
namespace {

using ::testing::HasSubstr;

using std::chrono_literals::operator""s;

// Of a generator that 98 % are read right of, see tests/bench/picture_accuracy.cc.
constexpr size_t kPhotographs = 40;
constexpr int kMostWrong = 4;
constexpr uint64_t kSeed = 11;

TEST(PicturesTest, PhotographsInFoldersNamedByDigitAreReadRight) {
  const TemporaryFolder folder;
  for (size_t i = 0; i < kPhotographs; ++i) {
    const LabelledPicture made = PhotographStrokes(kSeed, i);
    const auto png = EncodePng(PngFormat::kGray, static_cast<size_t>(made.picture.width),
                               static_cast<size_t>(made.picture.height), made.picture.pixels);
    ASSERT_TRUE(png.ok()) << png.status();
    folder.Write("photographs/" + std::to_string(made.label) + "/" + std::to_string(i) + ".png",
                 *png);
  }
  Process server(
      {DIGITS_SERVER, "--listen", "127.0.0.1:0", "--drain-delay", "0s", "--log-format", "json"},
      folder.path());
  const std::string address = WaitForAddress(server);
  ASSERT_FALSE(address.empty()) << server.Stderr();
  const Finished client = RunProgram({DIGITS_CLIENT, "classify", folder.File("photographs"),
                                      "--format", "csv", "--server", address},
                                     folder.path());
  server.Signal(SIGTERM);
  EXPECT_EQ(server.Wait(10s), 0) << server.Stderr();

  ASSERT_EQ(client.exit_code, 0) << client.err;
  EXPECT_EQ(LabelsOfCsv(client.out).size(), kPhotographs);
  const size_t accuracy = client.err.find(" % (");
  ASSERT_NE(accuracy, std::string::npos) << client.err;
  EXPECT_GE(std::stoi(client.err.substr(accuracy + 4)), static_cast<int>(kPhotographs) - kMostWrong)
      << client.err;
  EXPECT_THAT(client.err, HasSubstr(" of 40)"));
}

}  // namespace
}  // namespace digits
