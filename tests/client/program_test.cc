// Runs digits-client itself, against a fake server.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "server/image/image.h"
#include "tests/client/fake_server.h"
#include "tests/temporary_folder.h"
#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};

std::string Slurp(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A PBM of 40 by 40 with an upright bar, or with none.
std::string DrawingPbm(bool blank) {
  std::string bits(200, '\0');
  for (size_t y = 10; !blank && y < 30; ++y) bits[y * 5 + 2] = '\x3c';
  return "P4 40 40\n" + bits;
}

class ProgramTest : public ::testing::Test {
 protected:
  ProgramTest() : server_(service_) {}

  // By a shell in the test's folder: `arguments` may redirect, and `environment` has variables
  // besides DIGITS_SERVER, or instead of it.
  Outcome Run(const std::string& arguments, const std::string& environment = "") {
    const std::string command =
        fmt::format("cd {} && {{ env DIGITS_SERVER={} {} {} {}; }} > out 2> err", folder_.path(),
                    server_.address(), environment, DIGITS_CLIENT, arguments);
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, Slurp(folder_.path() + "/out"),
            Slurp(folder_.path() + "/err")};
  }

  // IDX images that the server reads as 0, 1, ..., with `labels` beside them.
  std::string WriteIdx(uint32_t count, const std::string& labels = "") {
    if (!labels.empty()) folder_.Write("x-labels-idx1-ubyte", IdxLabels(count, labels));
    return folder_.Write("x-images-idx3-ubyte",
                         IdxImages(count, 28, 28, AsString(CountingPixels(count))));
  }

  TemporaryFolder folder_;
  FakeService service_;
  FakeServer server_;
};

TEST_F(ProgramTest, ClassifiesADataSetAndTellsTheAccuracy) {
  const Outcome outcome = Run("classify " + WriteIdx(3, std::string("\0\1\7", 3)));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("image  label  confidence  truth\n"
                                      "0      0         100.0 %  0\n"
                                      "1      1          99.6 %  1\n"
                                      "2      2          99.2 %  7      wrong\n"
                                      "\n"
                                      "accuracy 66.67 % (2 of 3)\n"));
  EXPECT_THAT(outcome.err, StartsWith("3 images by fake 0123456789ab in "));
}

TEST_F(ProgramTest, TellsWhichImagesAreUnlikeAnyClass) {
  service_.model.set_digit_threshold(0.5F);
  const std::string digits = WriteIdx(3);
  const Outcome table = Run("classify " + digits);
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_EQ(table.out,
            "image  label  confidence\n"
            "0      0         100.0 %    unlike any class\n"
            "1      1          99.6 %    unlike any class\n"
            "2      2          99.2 %\n");
  EXPECT_THAT(table.err, EndsWith(" images/s; 2 unlike any class\n"));

  const Outcome labelled = Run("classify --format csv " + WriteIdx(3, std::string("\0\1\2", 3)));
  EXPECT_THAT(labelled.err, EndsWith("; accuracy 100.00 % (3 of 3); 2 unlike any class\n"));
}

TEST_F(ProgramTest, CountsNoneWhereAllImagesReachTheThreshold) {
  service_.model.set_digit_threshold(0);
  const Outcome outcome = Run("classify " + WriteIdx(3));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, EndsWith("2      2          99.2 %\n"));
  EXPECT_THAT(outcome.err, EndsWith(" images/s\n"));
}

TEST_F(ProgramTest, ComparesNoScoresWithTheThresholdOfAnotherVersion) {
  service_.model.set_digit_threshold(0.5F);
  service_.after = [](v1::ClassifyBatchResponse& response) { response.set_version("new"); };
  const Outcome outcome = Run("classify --format jsonl " + WriteIdx(1));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            R"({"index":0,"label":0,"label_name":"0","confidence":1.0,"digit_score":0.0})"
            "\n");
  EXPECT_THAT(outcome.err, EndsWith(" images/s\n"));
}

TEST_F(ProgramTest, WritesCsvAloneToStdoutAndTheAccuracyToStderr) {
  const Outcome outcome = Run("classify --format csv " + WriteIdx(2, std::string("\0\1", 2)));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "index,label,confidence\n0,0,1\n1,1,0.99607843\n");
  EXPECT_THAT(outcome.err, HasSubstr("accuracy 100.00 % (2 of 2)"));
}

TEST_F(ProgramTest, HasNoAccuracyForUnlabelledImages) {
  const Outcome outcome = Run("classify --format csv " + WriteIdx(2));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, Not(HasSubstr("accuracy")));
}

TEST_F(ProgramTest, MakesAKaggleSubmissionFromTestCsv) {
  const std::vector<uint8_t> pixels = CountingPixels(2);
  std::string csv = CsvHeader(/*labelled=*/false) + "\n";
  csv += CsvRow({pixels.begin(), pixels.begin() + kImagePixels}) + "\n";
  csv += CsvRow({pixels.begin() + kImagePixels, pixels.end()}) + "\n";
  const Outcome outcome = Run("classify --format kaggle " + folder_.Write("test.csv", csv));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "ImageId,Label\n1,0\n2,1\n");
}

TEST_F(ProgramTest, MakesNoKaggleSubmissionWhereAPictureIsMissing) {
  folder_.Write("1.pbm", DrawingPbm(true));
  folder_.Write("2.pbm", DrawingPbm(false));
  const Outcome outcome = Run("classify --format kaggle 1.pbm 2.pbm");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, AllOf(StartsWith("digits-client: 1.pbm: is blank"),
                                 HasSubstr("\ndigits-client: the ids would not match: 1 of the ")));
  EXPECT_THAT(service_.batches(), IsEmpty());
}

TEST_F(ProgramTest, GoesOnCountingOverSeveralFiles) {
  const std::string raw = folder_.Write("five.raw", "\5" + std::string(kImagePixels - 1, '\0'));
  const Outcome outcome = Run(fmt::format("classify --format csv {} {}", WriteIdx(1), raw));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "index,label,confidence,file\n0,0,1,\n1,5,0," + raw + "\n");
}

TEST_F(ProgramTest, GivesProbabilitiesInJsonLines) {
  const Outcome outcome = Run("classify --format jsonl --probabilities " + WriteIdx(1));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, R"({"index":0,"label":0,"label_name":"0","confidence":1.0,)"
                         R"("digit_score":0.0,)"
                         R"("probabilities":[1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0]})"
                         "\n");
}

TEST_F(ProgramTest, DrawsInShadesWhereStdoutIsNoTerminal) {
  const Outcome outcome = Run("classify --show " + WriteIdx(1));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("▒"), Not(HasSubstr("\x1b"))));
}

TEST_F(ProgramTest, ReadsPicturesOfAnySizeAndShowsWhatTheNetworkSaw) {
  const Outcome outcome = Run("classify --show " + folder_.Write("one.pbm", DrawingPbm(false)));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("█"), HasSubstr("one.pbm  0")));
}

TEST_F(ProgramTest, ReportsAndCountsBlankAndBrokenPicturesAndReadsTheOthers) {
  folder_.Write("scans/1.pbm", DrawingPbm(false));
  folder_.Write("scans/2.pbm", DrawingPbm(true));
  folder_.Write("scans/3.jpg", "text");
  folder_.Write("scans/10.pbm", DrawingPbm(false));
  const Outcome outcome = Run("classify --format csv scans");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.out, "index,label,confidence,file\n0,0,0,scans/1.pbm\n1,0,0,scans/10.pbm\n");
  EXPECT_THAT(
      outcome.err,
      AllOf(StartsWith("digits-client: scans/2.pbm: is blank: nothing is written on it that stands "
                       "out\ndigits-client: scans/3.jpg: is no picture: "),
            HasSubstr("\n2 images by fake "), HasSubstr("; 1 blank; 1 broken\n"),
            EndsWith("\ndigits-client: 1 of the files could not be read, as said above\n")));
}

TEST_F(ProgramTest, ABlankPictureAloneIsNoFailure) {
  const Outcome outcome = Run("classify --format csv " + folder_.Write("a.pbm", DrawingPbm(true)));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "index,label,confidence,file\n");
  EXPECT_THAT(outcome.err, EndsWith("a.pbm: is blank: nothing is written on it that stands out\n"
                                    "0 images; 1 blank\n"));
}

TEST_F(ProgramTest, ReadsOneFileFromStandardInput) {
  folder_.Write("a.pbm", DrawingPbm(false));
  const Outcome picture = Run("classify --format csv - < a.pbm");
  EXPECT_EQ(picture.exit_code, 0) << picture.err;
  EXPECT_EQ(picture.out, "index,label,confidence,file\n0,0,0,standard input\n");

  const Outcome data_set = Run("classify --format csv - < " + WriteIdx(2));
  EXPECT_EQ(data_set.out, "index,label,confidence\n0,0,1\n1,1,0.99607843\n");

  const Outcome blank = Run("classify - < " + folder_.Write("b.pbm", DrawingPbm(true)));
  EXPECT_EQ(blank.exit_code, 0);
  EXPECT_THAT(blank.err, HasSubstr("standard input: is blank"));

  const Outcome cut = Run("classify - < " + folder_.Write("c.pbm", "P4 40 40\n12"));
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_THAT(cut.err, HasSubstr("standard input: is a broken netpbm file: it is cut off"));

  const Outcome nothing = Run("classify - < /dev/null");
  EXPECT_EQ(nothing.exit_code, 1);
  EXPECT_THAT(nothing.err, EndsWith("digits-client: standard input: is empty\n"));
  EXPECT_THAT(Run("classify - <&-").err, HasSubstr("cannot read standard input"));
}

TEST_F(ProgramTest, ExpandsQuotedPatterns) {
  folder_.Write("10.pbm", DrawingPbm(false));
  folder_.Write("9.pbm", DrawingPbm(false));
  EXPECT_EQ(Run("classify --format csv '*.pbm'").out,
            "index,label,confidence,file\n0,0,0,9.pbm\n1,0,0,10.pbm\n");
  const Outcome none = Run("classify '*.png'");
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("*.png: there is neither a file of that name nor any"));
}

TEST_F(ProgramTest, TakesRawPicturesAsTheyAre) {
  std::vector<uint8_t> pixels(kImagePixels, 0);
  pixels[0] = 7;
  folder_.Write("seven.png", GrayPng(pixels));
  const Outcome raw = Run("classify --raw --format csv seven.png");
  EXPECT_EQ(raw.exit_code, 0) << raw.err;
  EXPECT_EQ(raw.out, "index,label,confidence,file\n0,7,0,seven.png\n");
  folder_.Write("a.pbm", DrawingPbm(false));
  const Outcome other = Run("classify --raw a.pbm");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("a.pbm: has not 28 by 28 pixels"));
}

TEST_F(ProgramTest, TakesAFileThatIsCalledLikeACommand) {
  folder_.Write("model", std::string(kImagePixels, '\0'));
  const Outcome outcome = Run("classify model --format kaggle");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "ImageId,Label\n1,0\n");
}

TEST_F(ProgramTest, SaysWhichFileIsMissingAndPrintsNoResult) {
  const Outcome outcome = Run(fmt::format("classify --format csv {} missing", WriteIdx(1)));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, AllOf(StartsWith("digits-client: "), HasSubstr("missing")));
  EXPECT_THAT(service_.batches(), IsEmpty());
}

TEST_F(ProgramTest, RefusesLabelsThatTheModelDoesNotKnow) {
  const Outcome outcome = Run("classify " + WriteIdx(2, "\x03\x0b"));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("image 1 is labelled 11"));
  EXPECT_THAT(service_.batches(), IsEmpty());
}

TEST_F(ProgramTest, PrintsNoResultWhereACallFails) {
  service_.before = [](int call, const v1::ClassifyBatchRequest&) {
    return call == 0 ? grpc::Status::OK : grpc::Status(grpc::StatusCode::INTERNAL, "broken");
  };
  const Outcome outcome = Run("classify --format csv --batch 1 " + WriteIdx(3));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_EQ(outcome.err,
            fmt::format("digits-client: the server at {} answered: broken (INTERNAL)\n",
                        server_.address()));
}

TEST_F(ProgramTest, SaysThatNoServerAnswers) {
  const Outcome outcome = Run("health --server 127.0.0.1:1");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_EQ(outcome.err,
            "digits-client: no server answers at 127.0.0.1:1 (Connection refused); start one with "
            "digits-server or name one with --server\n");
}

TEST_F(ProgramTest, AsksForTheServerBeforeItReadsPicturesAndAfterItFoundThem) {
  folder_.Write("broken.png", "text");
  const Outcome found = Run("classify --server 127.0.0.1:1 broken.png");
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_THAT(found.err, StartsWith("digits-client: no server answers at 127.0.0.1:1 "));
  const Outcome missing = Run("classify --server 127.0.0.1:1 broken.png missing");
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, AllOf(HasSubstr("missing"), Not(HasSubstr("no server answers"))));
}

TEST_F(ProgramTest, TellsTheServersHealth) {
  Outcome outcome = Run("health");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "SERVING\n");

  server_.SetHealth("fake", false);
  outcome = Run("health --service fake");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.out, "NOT_SERVING\n");

  outcome = Run("health --service other");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("no health service named 'other'"));
}

TEST_F(ProgramTest, DescribesModels) {
  v1::Layer& layer = *service_.model.add_layers();
  layer.set_inputs(784);
  layer.set_outputs(10);
  layer.set_activation("softmax");
  (*service_.model.mutable_provenance())["data"] = "MNIST";
  const std::string table =
      "name              fake\n"
      "version           0123456789ab\n"
      "layers            784 > 10 softmax\n"
      "classes           0 1 2 3 4 5 6 7 8 9\n"
      "precision         \n"
      "sha256            \n"
      "max_batch_images  32768\n"
      "data              MNIST\n";
  EXPECT_EQ(Run("model").out, table);
  EXPECT_EQ(Run("model fake").out, table);

  service_.model.set_digit_threshold(-2.75F);
  EXPECT_THAT(Run("model").out, HasSubstr("\nmax_batch_images  32768\n"
                                          "digit_threshold   -2.75\n"
                                          "data              MNIST\n"));

  const Outcome outcome = Run("model --format json");
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["models"][0]["max_batch_images"], 32768);

  const Outcome unknown = Run("model other");
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("no model 'other'; there is 'fake' (NOT_FOUND)"));
}

TEST_F(ProgramTest, TakesAFlagBeforeTheEnvironmentAndThatBeforeTheFile) {
  const std::string config =
      folder_.Write("config", "server = \"127.0.0.1:1\"\n[classify]\nformat = \"kaggle\"\n");
  const std::string file = WriteIdx(1);
  const std::string from_file = fmt::format("classify --config {} {}", config, file);
  EXPECT_THAT(Run(from_file).out, StartsWith("ImageId,Label\n"));
  EXPECT_THAT(Run(from_file, "DIGITS_FORMAT=csv").out, StartsWith("index,"));
  EXPECT_THAT(Run(from_file + " --format jsonl", "DIGITS_FORMAT=csv").out, StartsWith("{"));
  EXPECT_THAT(Run(from_file, "DIGITS_SERVER=").err, HasSubstr("127.0.0.1:1 "));
}

TEST_F(ProgramTest, FailsWhereItsResultsCannotBeWritten) {
  for (const std::string& command : {"classify --format csv " + WriteIdx(1), std::string("model"),
                                     std::string("health"), std::string("--help")}) {
    SCOPED_TRACE(command);
    Outcome outcome = Run(command + " > /dev/full");
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("digits-client: cannot write the results to stdout: "
                                       "No space left on device\n"));
    outcome = Run(command + " >&-");
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("digits-client: cannot write the results to stdout: "
                                       "Bad file descriptor\n"));
  }
}

TEST_F(ProgramTest, FailsWhereItsReaderHasGone) {
  // More than a pipe holds.
  const Outcome outcome =
      Run("classify --format csv " + WriteIdx(30000) + " 2> e; echo $? > code; } | { head -n 1");
  EXPECT_EQ(outcome.out, "index,label,confidence\n");
  EXPECT_EQ(Slurp(folder_.path() + "/code"), "1\n");
  EXPECT_THAT(Slurp(folder_.path() + "/e"),
              EndsWith("digits-client: cannot write the results to stdout: Broken pipe\n"));
}

TEST_F(ProgramTest, DoesItsWorkWhateverItsStderrIs) {
  const std::string command = "classify --format csv " + WriteIdx(2, std::string("\0\1", 2));
  const std::string csv = "index,label,confidence\n0,0,1\n1,1,0.99607843\n";
  for (const std::string stderr_of : {"2> /dev/full", "2>&-", "2>&1 > o | true; cat o"}) {
    SCOPED_TRACE(stderr_of);
    const Outcome outcome = Run(command + " " + stderr_of);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.out, csv);
  }
  // A failure keeps its exit code.
  EXPECT_EQ(Run("classify missing 2> /dev/full").exit_code, 1);
  EXPECT_EQ(Run("classify --format xml missing 2> /dev/full").exit_code, 2);
}

TEST_F(ProgramTest, ShowsNoControlCharactersOfAServer) {
  service_.model.set_name("fa\x1b[2Jke");
  service_.model.set_class_names(0, "a\nb");
  EXPECT_THAT(Run("model").out, AllOf(HasSubstr("fa?[2Jke"), HasSubstr("a?b")));
  const Outcome outcome = Run("classify " + WriteIdx(1));
  EXPECT_THAT(outcome.out, HasSubstr("\n0      a?b"));
  EXPECT_THAT(outcome.err, HasSubstr("fa?[2Jke"));

  service_.before = [](int, const v1::ClassifyBatchRequest&) {
    return grpc::Status(grpc::StatusCode::INTERNAL, "bro\x1b[2Jken");
  };
  EXPECT_THAT(Run("classify " + WriteIdx(1)).err, HasSubstr("answered: bro?[2Jken (INTERNAL)"));
}

struct WrongUsage {
  std::string name;
  std::string arguments;
  std::string error;
};

class WrongUsageTest : public ProgramTest, public ::testing::WithParamInterface<WrongUsage> {};

TEST_P(WrongUsageTest, ExitsWithTwoAndSaysWhatIsWrong) {
  const std::string config = folder_.Write("config", "colour = \"red\"\n");
  const Outcome outcome =
      Run(fmt::format(fmt::runtime(GetParam().arguments), fmt::arg("config", config)));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongUsageTest,
    ::testing::Values(WrongUsage{"NoCommand", "", "subcommand"},
                      WrongUsage{"UnknownCommand", "guess", "guess"},
                      WrongUsage{"TwoCommands", "health model", "model"},
                      WrongUsage{"UnknownFlag", "health --fast", "--fast"},
                      WrongUsage{"NoFiles", "classify", "FILES"},
                      WrongUsage{"UnknownFormat", "classify --format xml x", "xml"},
                      WrongUsage{"UnknownSplit", "classify --split validation x", "validation"},
                      WrongUsage{"EmptyBatch", "classify --batch 0 x", "--batch"},
                      WrongUsage{"HugeBatch", "classify --batch 32769 x", "--batch"},
                      WrongUsage{"NothingInFlight", "classify --in-flight 0 x", "--in-flight"},
                      WrongUsage{"LessThanNoRows", "classify --rows -1 x", "--rows"},
                      WrongUsage{"NoTime", "health --timeout 0", "--timeout"},
                      WrongUsage{"TimeInWords", "health --timeout soon", "soon"},
                      WrongUsage{"PicturesInCsv", "classify --show --format csv x", "--show"},
                      WrongUsage{"ProbabilitiesInATable", "classify --probabilities x",
                                 "--probabilities"},
                      WrongUsage{"VersionOfNoModel", "model --model-version 0123", "NAME"},
                      WrongUsage{"MissingConfig", "health --config {config}.not", "config.not"},
                      WrongUsage{"UnknownKeyInConfig", "health --config {config}", "colour"}),
    [](const auto& usage) { return usage.param.name; });

}  // namespace
}  // namespace digits
