#include "trainer/data/csv.h"

#include <gmock/gmock.h>

#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A row of 784 pixels, after the label where there is one.
std::vector<int> Numbers(std::vector<int> label = {}) {
  for (const uint8_t pixel : SomeBytes(784)) label.push_back(pixel);
  return label;
}

// A row in which the column, counted from 1, is `text`.
std::string RowWith(size_t column, const std::string& text) {
  std::string row;
  for (size_t i = 1; i <= 785; ++i) row += (i > 1 ? "," : "") + (i == column ? text : "0");
  return row;
}

TEST(CsvTest, LabelledRowsGiveLabelsAndPixels) {
  const std::string text =
      CsvHeader(true) + "\n" + CsvRow(Numbers({7})) + "\n" + CsvRow(Numbers({0})) + "\n";
  const auto data = ParseCsv(text, "train.csv", 10);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(data->labels, ElementsAre(7, 0));
  std::vector<uint8_t> twice = SomeBytes(784);
  twice.insert(twice.end(), twice.begin(), twice.begin() + 784);
  EXPECT_EQ(data->pixels, twice);
}

TEST(CsvTest, RowsWithoutLabelsGivePixelsAlone) {
  const auto data = ParseCsv(CsvHeader(false) + "\n" + CsvRow(Numbers()) + "\n", "test.csv", 10);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_FALSE(data->labelled());
  EXPECT_EQ(data->pixels, SomeBytes(784));
}

TEST(CsvTest, LinesMayEndAsOnWindowsAndTheLastOneNotAtAll) {
  const std::string row = CsvRow(Numbers({7}));
  for (const std::string& text : {CsvHeader(true) + "\r\n" + row + "\r\n",
                                  CsvHeader(true) + "\r\n" + row, CsvHeader(true) + "\n" + row}) {
    const auto data = ParseCsv(text, "train.csv", 10);
    ASSERT_TRUE(data.ok()) << data.status();
    EXPECT_THAT(data->labels, ElementsAre(7));
    EXPECT_EQ(data->pixels, SomeBytes(784));
  }
}

TEST(CsvTest, SpreadsheetsByteOrderMarkIsPassedOver) {
  const std::string text = "\xef\xbb\xbf" + CsvHeader(true) + "\n" + CsvRow(Numbers({7})) + "\n";
  EXPECT_TRUE(LooksLikeCsv(text));
  const auto data = ParseCsv(text, "train.csv", 10);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->size(), 1u);
}

TEST(CsvTest, HeaderAloneIsAnEmptyDataSet) {
  const auto data = ParseCsv(CsvHeader(true), "train.csv", 10);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->size(), 0u);
}

TEST(CsvTest, BrokenRowsAreRefusedWithTheirLineAndColumn) {
  const struct {
    std::string row;
    std::string error;
  } table[] = {
      {RowWith(3, "256"),
       "train.csv, line 3: column 3 (pixel1) is \"256\", expected an integer from 0 to 255"},
      {RowWith(785, "256"), "line 3: column 785 (pixel783) is \"256\""},
      {RowWith(3, "-1"), "line 3: column 3 (pixel1) is \"-1\""},
      {RowWith(3, "1.5"), "line 3: column 3 (pixel1) is \"1.5\""},
      {RowWith(785, "1.5"), "line 3: column 785 (pixel783) is \"1.5\""},
      {RowWith(3, "1e2"), "line 3: column 3 (pixel1) is \"1e2\""},
      {RowWith(3, "0x1"), "line 3: column 3 (pixel1) is \"0x1\""},
      {RowWith(3, "+1"), "line 3: column 3 (pixel1) is \"+1\""},
      {RowWith(3, " 1"), "line 3: column 3 (pixel1) is \" 1\""},
      {RowWith(3, "1 "), "line 3: column 3 (pixel1) is \"1 \""},
      {RowWith(3, "\"1\""), "line 3: column 3 (pixel1) is \"\\\"1\\\"\""},
      {RowWith(3, "ink"), "line 3: column 3 (pixel1) is \"ink\""},
      {RowWith(3, ""), "line 3: column 3 (pixel1) is \"\""},
      {RowWith(785, ""), "line 3: column 785 (pixel783) is \"\""},
      {RowWith(1, ""), "line 3: column 1 (label) is \"\""},
      {RowWith(3, "99999999999999999999999"), "is \"99999999999999999999...\""},
      {RowWith(3, std::string("1\0", 2)), "line 3: column 3 (pixel1) is \"1\\000\""},
      {RowWith(1, "11"), "line 3: column 1 (label) is 11, where labels are 0 to 9"},
      {RowWith(1, "10"), "line 3: column 1 (label) is 10, where labels are 0 to 9"},
      {RowWith(1, "256"), "line 3: column 1 (label) is \"256\""},
      {RowWith(1, "five"), "line 3: column 1 (label) is \"five\""},
      {CsvRow(Numbers()), "train.csv, line 3: has 784 columns, expected 785"},
      {CsvRow(Numbers({1, 2})), "train.csv, line 3: has 786 columns, expected 785"},
      {CsvRow(Numbers({1})) + ",", "train.csv, line 3: has 786 columns, expected 785"},
      {"7", "train.csv, line 3: has 1 columns, expected 785"},
      {"", "train.csv, line 3: is empty"},
  };
  for (const auto& broken : table) {
    SCOPED_TRACE(broken.error);
    const std::string text = CsvHeader(true) + "\n" + RowWith(1, "7") + "\n" + broken.row + "\n" +
                             RowWith(1, "7") + "\n";
    const auto data = ParseCsv(text, "train.csv", 10);
    EXPECT_EQ(data.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(MessageOf(data.status()), HasSubstr(broken.error));
  }
}

TEST(CsvTest, FileThatIsCutOffWithinARowIsRefused) {
  const std::string text = CsvHeader(true) + "\n" + RowWith(1, "7") + "\n" + RowWith(1, "7");
  const auto data = ParseCsv(text.substr(0, text.size() - 100), "train.csv", 10);
  EXPECT_EQ(MessageOf(data.status()), "train.csv, line 3: has 735 columns, expected 785");
}

TEST(CsvTest, OtherHeadersAreRefused) {
  std::string swapped = CsvHeader(true);
  swapped.replace(swapped.find("pixel3,"), 6, "pixel4");
  const struct {
    std::string header;
    std::string error;
  } table[] = {
      {"",
       "train.csv, line 1: column 1 is \"\", where the header of a CSV data set begins with "
       "\"label\" or \"pixel0\""},
      {"5,0,0", "train.csv, line 1: column 1 is \"5\""},
      {"name", "train.csv, line 1: column 1 is \"name\""},
      {"label", "train.csv, line 1: has 1 columns, expected 785"},
      {CsvHeader(true) + ",pixel784", "train.csv, line 1: has 786 columns, expected 785"},
      {CsvHeader(false) + ",pixel784", "train.csv, line 1: has 785 columns, expected 784"},
      {CsvHeader(true).substr(0, CsvHeader(true).rfind(',')), "has 784 columns, expected 785"},
      {swapped, "train.csv, line 1: column 5 is \"pixel4\", where the header has \"pixel3\""},
  };
  for (const auto& broken : table) {
    SCOPED_TRACE(broken.error);
    const auto data = ParseCsv(broken.header + "\n", "train.csv", 10);
    EXPECT_EQ(data.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(MessageOf(data.status()), HasSubstr(broken.error));
  }
}

TEST(CsvTest, LineOfAnyLengthGivesAShortError) {
  const auto commas = ParseCsv(CsvHeader(true) + "\n" + std::string(1 << 20, ','), "t.csv", 10);
  EXPECT_EQ(MessageOf(commas.status()), "t.csv, line 2: has 1048577 columns, expected 785");
  const auto text = ParseCsv(std::string(1 << 20, 'x'), "t.csv", 10);
  EXPECT_THAT(MessageOf(text.status()),
              StartsWith("t.csv, line 1: column 1 is \"xxxxxxxxxxxxxxxxxxxx...\""));
}

}  // namespace
}  // namespace digits
