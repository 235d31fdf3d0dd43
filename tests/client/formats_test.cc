#include "client/formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/client/results_for_tests.h"

namespace digits {
namespace {

const std::vector<std::string> kNames = {"zero", "one", "two"};

std::string Written(void (*write)(const Results&, std::ostream&), const Results& results) {
  std::ostringstream out;
  write(results, out);
  return out.str();
}

TEST(CsvTest, HasAHeaderAndALineAnImage) {
  EXPECT_EQ(Written(WriteCsv, MakeResults({{2, 0.5F}, {0, 0.99872F, 1}}, kNames)),
            "index,label,confidence\n"
            "0,two,0.5\n"
            "1,zero,0.99872\n");
}

TEST(CsvTest, NamesTheFilesWhereThereAreSome) {
  EXPECT_EQ(Written(WriteCsv, MakeResults({{1, 1.0F, {}, "digits/a.png"}, {0, 0.75F}}, kNames)),
            "index,label,confidence,file\n"
            "0,one,1,digits/a.png\n"
            "1,zero,0.75,\n");
}

TEST(CsvTest, HasTheColumnOfFilesWhereNoneHasAnImage) {
  Results results = MakeResults({}, kNames);
  results.examples.missing = {absl::InvalidArgumentError("a.png: is blank")};
  EXPECT_EQ(Written(WriteCsv, results), "index,label,confidence,file\n");
}

TEST(CsvTest, HasTheSameColumnsWhereThereAreDigitScores) {
  Results results = MakeResults({{2, 0.5F}}, kNames);
  results.answers.digit_scores = {1.5F};
  results.digit_threshold = 2;
  EXPECT_EQ(Written(WriteCsv, results), "index,label,confidence\n0,two,0.5\n");
}

TEST(CsvTest, QuotesAsRfc4180Says) {
  EXPECT_EQ(Written(WriteCsv, MakeResults({{0, 0.5F, {}, "the \"best\"\n.png"}}, {"a,b"})),
            "index,label,confidence,file\n"
            "0,\"a,b\",0.5,\"the \"\"best\"\"\n.png\"\n");
}

TEST(JsonLinesTest, HasAnObjectAnImage) {
  EXPECT_EQ(
      Written(WriteJsonLines, MakeResults({{2, 0.1F}, {0, 0.99872F, 1, "a.png"}}, kNames)),
      R"({"index":0,"label":2,"label_name":"two","confidence":0.1})"
      "\n"
      R"({"index":1,"file":"a.png","label":0,"label_name":"zero","confidence":0.99872,"truth":1})"
      "\n");
}

TEST(JsonLinesTest, HasAllProbabilitiesWhereTheyWereAskedFor) {
  Results results = MakeResults({{2, 0.7F}, {0, 0.5F}}, kNames);
  results.answers.probabilities = {0.1F, 0.2F, 0.7F, 0.5F, 0.25F, 0.25F};
  EXPECT_EQ(Written(WriteJsonLines, results),
            R"({"index":0,"label":2,"label_name":"two","confidence":0.7,)"
            R"("probabilities":[0.1,0.2,0.7]})"
            "\n"
            R"({"index":1,"label":0,"label_name":"zero","confidence":0.5,)"
            R"("probabilities":[0.5,0.25,0.25]})"
            "\n");
}

TEST(JsonLinesTest, HasDigitScoresWhereTheServerTellsThem) {
  Results results = MakeResults({{2, 0.5F}, {0, 0.75F, 1}}, kNames);
  results.answers.digit_scores = {-1.5F, 7.1F};
  EXPECT_EQ(Written(WriteJsonLines, results),
            R"({"index":0,"label":2,"label_name":"two","confidence":0.5,"digit_score":-1.5})"
            "\n"
            R"({"index":1,"label":0,"label_name":"zero","confidence":0.75,"digit_score":7.1,)"
            R"("truth":1})"
            "\n");
}

TEST(JsonLinesTest, TellsWhichScoresReachTheThreshold) {
  Results results = MakeResults({{2, 0.5F}, {2, 0.5F}, {2, 0.5F}}, kNames);
  results.answers.digit_scores = {2, 2.25F, 2.5F};
  results.digit_threshold = 2.25F;
  const auto line = [](int index, const std::string& score) {
    return R"({"index":)" + std::to_string(index) +
           R"(,"label":2,"label_name":"two","confidence":0.5,"digit_score":)" + score + "}\n";
  };
  EXPECT_EQ(Written(WriteJsonLines, results), line(0, R"(2.0,"is_digit":false)") +
                                                  line(1, R"(2.25,"is_digit":true)") +
                                                  line(2, R"(2.5,"is_digit":true)"));
}

TEST(JsonLinesTest, TellsNothingOfAThresholdWithoutScores) {
  Results results = MakeResults({{2, 0.5F}}, kNames);
  results.digit_threshold = 2.25F;
  EXPECT_EQ(Written(WriteJsonLines, results),
            R"({"index":0,"label":2,"label_name":"two","confidence":0.5})"
            "\n");
}

TEST(JsonLinesTest, IsJsonWhateverAFileIsCalled) {
  const std::string lines =
      Written(WriteJsonLines, MakeResults({{0, 0.5F, {}, "\xff\"\n.png"}}, kNames));
  EXPECT_TRUE(nlohmann::json::accept(lines)) << lines;
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1);
}

TEST(KaggleTest, IsASubmissionWithIdsFromOne) {
  EXPECT_EQ(Written(WriteKaggle, MakeResults({{2, 0.5F}, {0, 0.9F, 0, "a.png"}}, kNames)),
            "ImageId,Label\n"
            "1,2\n"
            "2,0\n");
}

}  // namespace
}  // namespace digits
