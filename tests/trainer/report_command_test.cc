// digits-trainer report and fit --report as their users call them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "server/model/weights_file.h"
#include "tests/e2e/process.h"
#include "tests/trainer/digits_folder.h"

namespace digits {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using ReportCommandTest = DigitsFolderTest;

TEST_F(ReportCommandTest, ReportWritesAPageWithTheFiguresOfEvaluate) {
  ASSERT_EQ(Fit("a.safetensors", {"--learning-rate", "0.1", "--epochs", "20"}).exit_code, 0);
  const Finished report =
      Trainer({"report", "a.safetensors", "--data", kData, "--robust", "--output", "a.html"});
  ASSERT_EQ(report.exit_code, 0) << report.err;
  const std::string page = ReadAll(folder_ / "a.html");
  const Finished evaluation =
      Trainer({"evaluate", "a.safetensors", "--data", kData, "--format", "json"});
  const auto json = nlohmann::json::parse(evaluation.out);
  const int wrong = json["images"].get<int>() - json["correct"].get<int>();
  EXPECT_THAT(page, AllOf(HasSubstr("<dd id=\"wrong\">" + std::to_string(wrong) + "</dd>"),
                          HasSubstr(json["weights_sha256"].get<std::string>()),
                          HasSubstr("<polyline"), HasSubstr("id=\"robustness\"")));
  std::filesystem::remove(folder_ / "a.history.csv");
  ASSERT_EQ(Trainer({"report", "a.safetensors", "--data", kData}).exit_code, 0);
  EXPECT_THAT(ReadAll(folder_ / "report.html"),
              AllOf(HasSubstr("There is no history of its epochs"), Not(HasSubstr("<polyline")),
                    Not(HasSubstr("id=\"robustness\""))));
}

TEST_F(ReportCommandTest, FitWritesTheReportThatReportWrites) {
  ASSERT_EQ(Fit("a.safetensors", {"--report", "a.html", "--robust"}).exit_code, 0);
  const auto weights = ReadWeights(folder_ / "a.safetensors");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_THAT(weights->network.provenance.at("recipe"), Not(HasSubstr("--report")));
  const Finished report = Trainer({"report", "a.safetensors", "--data", kData, "--history",
                                   "a.history.csv", "--robust", "--output", "b.html"});
  ASSERT_EQ(report.exit_code, 0) << report.err;
  const std::string page = ReadAll(folder_ / "a.html");
  EXPECT_EQ(page, ReadAll(folder_ / "b.html"));
  EXPECT_THAT(page, HasSubstr("It was fitted to these very images")) << "there are no others";
  EXPECT_THAT(page, HasSubstr("id=\"robustness\""));
}

TEST_F(ReportCommandTest, AFitWhoseReportCannotBeWrittenStillSaysWhatItsWeightsAreWorth) {
  const Finished fit = Fit("a.safetensors", {"--epochs", "1", "--report", "/dev/full"});
  EXPECT_EQ(fit.exit_code, 1);
  EXPECT_THAT(fit.err, HasSubstr("/dev/full"));
  EXPECT_THAT(fit.out, HasSubstr("a.safetensors: 784-16-16-10, epochs 1\n"));
  EXPECT_TRUE(ReadWeights(folder_ / "a.safetensors").ok());
}

TEST_F(ReportCommandTest, ClassNamesAreTextInTheReport) {
  const Finished fit = Fit("a.safetensors", {"--class-names", "<b>,&,\",',4,5,6,7,8,9", "--report",
                                             "a.html", "--epochs", "1"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_THAT(
      ReadAll(folder_ / "a.html"),
      AllOf(HasSubstr("<th scope=\"row\">&lt;b&gt;</th>"),
            HasSubstr("<th scope=\"row\">&amp;</th>"), HasSubstr("<th scope=\"row\">&quot;</th>"),
            HasSubstr("<th scope=\"row\">&#39;</th>"), Not(HasSubstr("<b><"))));
}

TEST_F(ReportCommandTest, AReportThatDoesNotFitLeavesTheOldOne) {
  ASSERT_EQ(Fit("a.safetensors", {"--epochs", "1"}).exit_code, 0);
  std::ofstream(folder_ / "a.html") << "the old page";
  // No file may have more than 16 blocks of 512 bytes.
  const Finished report =
      RunProgram({"/bin/sh", "-c",
                  std::string("ulimit -f 16; exec ") + DIGITS_TRAINER +
                      " report a.safetensors --data " + kData + " --output a.html"},
                 folder_);
  EXPECT_EQ(report.exit_code, 1);
  EXPECT_THAT(report.err, HasSubstr("a.html"));
  EXPECT_EQ(ReadAll(folder_ / "a.html"), "the old page");
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
  }
}

}  // namespace
}  // namespace digits
