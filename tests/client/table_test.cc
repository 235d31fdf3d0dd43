#include "client/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/client/results_for_tests.h"

namespace digits {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::vector<std::string> kNames = {"zero", "one"};

std::string Table(const Results& results, const TableOptions& options = {}) {
  std::ostringstream out;
  WriteTable(results, options, out);
  return out.str();
}

TEST(TableTest, HasARowAnImage) {
  EXPECT_EQ(Table(MakeResults({{0, 1.0F}, {1, 0.5312F}}, kNames)),
            "image  label  confidence\n"
            "0      zero      100.0 %\n"
            "1      one        53.1 %\n");
}

TEST(TableTest, MarksWrongAnswersAndTellsTheAccuracyWhereClassesAreKnown) {
  EXPECT_EQ(Table(MakeResults({{0, 0.9F, 0}, {1, 0.8F, 0}, {1, 0.7F, 1}}, kNames)),
            "image  label  confidence  truth\n"
            "0      zero       90.0 %  zero\n"
            "1      one        80.0 %  zero   wrong\n"
            "2      one        70.0 %  one\n"
            "\n"
            "accuracy 66.67 % (2 of 3)\n"
            "\n"
            "truth  zero   one    right\n"
            " zero     1     1   50.0 %\n"
            "  one     .     1  100.0 %\n");
}

TEST(TableTest, MarksImagesWhoseDigitScoreIsBelowTheThreshold) {
  Results results = MakeResults({{0, 0.9F, 0}, {1, 0.8F, 0}, {1, 0.7F, 0}, {1, 0.6F}}, kNames);
  results.answers.digit_scores = {-2.5F, -2.5F, -2, -2.25F};
  results.digit_threshold = -2;
  EXPECT_THAT(Table(results),
              StartsWith("image  label  confidence  truth\n"
                         "0      zero       90.0 %  zero   unlike any class\n"
                         "1      one        80.0 %  zero   wrong, unlike any class\n"
                         "2      one        70.0 %  zero   wrong\n"
                         "3      one        60.0 %         unlike any class\n"
                         "\n"));
}

TEST(TableTest, MarksNoDigitScoreWithoutAThreshold) {
  Results results = MakeResults({{0, 1.0F}}, kNames);
  results.answers.digit_scores = {-1e30F};
  EXPECT_EQ(Table(results),
            "image  label  confidence\n"
            "0      zero      100.0 %\n");
}

TEST(TableTest, HasNoAccuracyWhereNoClassIsKnown) {
  EXPECT_THAT(Table(MakeResults({{0, 0.9F}}, kNames)), Not(HasSubstr("accuracy")));
}

TEST(TableTest, CountsOnlyTheImagesWhoseClassIsKnown) {
  EXPECT_THAT(Table(MakeResults({{0, 0.9F}, {1, 0.8F, 1}, {1, 0.8F}}, kNames)),
              HasSubstr("accuracy 100.00 % (1 of 1)"));
}

TEST(TableTest, NamesFilesAndKeepsTheColumnsStraight) {
  EXPECT_EQ(Table(MakeResults({{0, 0.9F, {}, "drei/é.png"}, {1, 0.8F}}, kNames)),
            "image       label  confidence\n"
            "drei/é.png  zero       90.0 %\n"
            "1           one        80.0 %\n");
}

TEST(TableTest, ShowsTheFirstRowsOfManyAndTheAccuracyOfAll) {
  const std::string table = Table(
      MakeResults({{0, 0.9F, 0}, {1, 0.8F, 1}, {0, 0.7F, 1}, {0, 0.7F, 1}}, kNames), {.rows = 2});
  EXPECT_THAT(table, StartsWith("image  label  confidence  truth\n"
                                "0      zero       90.0 %  zero\n"
                                "1      one        80.0 %  one\n"
                                "... and 2 more; --rows 0 shows all\n"
                                "\n"
                                "accuracy 50.00 % (2 of 4)\n"));
}

TEST(TableTest, ShowsAllRowsWhereNoLimitIsSet) {
  const Results results = MakeResults(std::vector<Example>(30, {0, 0.9F}), kNames);
  EXPECT_THAT(Table(results), HasSubstr("10 more"));
  EXPECT_THAT(Table(results, {.rows = 0}), EndsWith("29     zero       90.0 %\n"));
}

TEST(TableTest, DrawsEachImageAboveItsRow) {
  Results results = MakeResults({{0, 0.9F}}, kNames);
  results.examples.pixels[0] = results.examples.pixels[28] = 255;
  std::string blank_line(28, ' ');
  const std::string table = Table(results, {.pictures = PictureStyle::kShades});
  EXPECT_THAT(table, StartsWith("image  label  confidence\n█" + blank_line.substr(1) + "\n" +
                                blank_line + "\n"));
  EXPECT_THAT(table, EndsWith(blank_line + "\n0      zero       90.0 %\n"));
}

}  // namespace
}  // namespace digits
