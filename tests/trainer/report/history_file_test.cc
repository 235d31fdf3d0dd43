#include "trainer/report/history_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace digits {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(HistoryFileTest, ReadsWhatFitWrites) {
  const std::vector<EpochRecord> written = {
      {.epoch = 1, .seconds = 0.25, .train = {0.9, 0.7}, .validation = {{0.4, 0.9}}},
      {.epoch = 2, .seconds = 0.5, .train = {0.5, 0.8}, .validation = std::nullopt}};
  const auto read = ParseHistoryCsv(HistoryCsv(written), "a.history.csv");
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].epoch, 1);
  EXPECT_EQ((*read)[0].seconds, 0.25);
  EXPECT_EQ((*read)[0].train.loss, 0.9);
  EXPECT_EQ((*read)[0].train.accuracy, 0.7);
  ASSERT_TRUE((*read)[0].validation);
  EXPECT_EQ((*read)[0].validation->loss, 0.4);
  EXPECT_EQ((*read)[0].validation->accuracy, 0.9);
  EXPECT_FALSE((*read)[1].validation);
}

TEST(HistoryFileTest, ARowWhoseValidationGaveNoNumbersCountsAsNotValidated) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<EpochRecord> written = {
      {.epoch = 1, .seconds = 0.25, .train = {0.9, 0.7}, .validation = {{kNan, 0.1}}},
      {.epoch = 2, .seconds = 0.25, .train = {0.9, 0.7}, .validation = {{kInfinity, 0.1}}},
      {.epoch = 3, .seconds = 0.25, .train = {0.9, 0.7}, .validation = {{-kNan, kNan}}}};
  const auto read = ParseHistoryCsv(HistoryCsv(written), "a.history.csv");
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 3u);
  for (const EpochRecord& record : *read) EXPECT_FALSE(record.validation) << record.epoch;
}

TEST(HistoryFileTest, ColumnsMayStandInAnyOrderAmongOthers) {
  const auto read =
      ParseHistoryCsv("accuracy,learning_rate,epoch,loss\r\n0.5,warm,7,1.25\r\n", "a");
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->front().epoch, 7);
  EXPECT_EQ(read->front().train.loss, 1.25);
  EXPECT_EQ(read->front().train.accuracy, 0.5);
}

TEST(HistoryFileTest, AFitThatWasStoppedInItsFirstEpochHasNone) {
  const auto read = ParseHistoryCsv(HistoryCsv({}), "a");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->empty());
}

TEST(HistoryFileTest, WhatIsNoHistoryIsRefusedWithItsLine) {
  const struct {
    std::string csv, message;
  } kCases[] = {{"", "is no history"},
                {"label,pixel0\n1,2\n", "does not name epoch, loss and accuracy"},
                {"epoch,loss,accuracy\n1,0.5\n", "line 2 has 2 cells where the header has 3"},
                {"epoch,loss,accuracy\n1,0.5,0.5\n\n", "line 3 has 1 cells"},
                {"epoch,loss,accuracy\n1,x,0.5\n", "line 2: 'x' is not a number from 0"},
                {"epoch,loss,accuracy\n1,nan,0.5\n", "'nan' is not a number from 0 to 1e+100"},
                {"epoch,loss,accuracy\n1,inf,0.5\n", "'inf' is not a number from 0"},
                {"epoch,loss,accuracy\n1,1e308,0.5\n", "'1e308' is not a number from 0 to 1e+100"},
                {"epoch,loss,accuracy\n1,-1e308,0.5\n", "'-1e308' is not a number from 0"},
                {"epoch,loss,accuracy\n1,0.5,1e307\n", "'1e307' is not a number from 0 to 1"},
                {"epoch,loss,accuracy\n1,0.5,1.001\n", "'1.001' is not a number from 0 to 1"},
                {"epoch,loss,accuracy\n1,0.5,nan\n", "'nan' is not a number from 0 to 1"},
                {"epoch,loss,accuracy\n1,0.5,\n", "'' is not a number from 0"},
                {"epoch,seconds,loss,accuracy\n1,-1,0.5,0.5\n", "'-1' is not a number from 0"},
                {"epoch,loss,accuracy\n1.5,0.5,0.5\n", "'1.5' is no number of an epoch"},
                {"epoch,loss,accuracy\n0,0.5,0.5\n", "'0' is no number of an epoch"},
                {"epoch,loss,accuracy\n1e20,0.5,0.5\n", "'1e20' is no number of an epoch"},
                {"epoch,loss,accuracy\n2,0.5,0.5\n2,0.4,0.5\n", "line 3: epoch 2 follows epoch 2"},
                {"epoch,loss,accuracy,val_loss,val_accuracy\n1,0.5,0.5,x,1\n", "'x' is not"},
                {"epoch,loss,accuracy,val_loss,val_accuracy\n1,0.5,0.5,1e101,1\n", "'1e101' is"},
                {"epoch,loss,accuracy,val_loss,val_accuracy\n1,0.5,0.5,1,2\n", "'2' is not"}};
  for (const auto& [csv, message] : kCases) {
    const auto read = ParseHistoryCsv(csv, "a.csv");
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << csv;
    EXPECT_THAT(std::string(read.status().message()),
                AllOf(testing::StartsWith("a.csv: "), HasSubstr(message)));
  }
}

TEST(HistoryFileTest, AFileThatIsNotThereIsNamed) {
  const auto read = ReadHistory("nowhere.history.csv");
  EXPECT_EQ(read.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("nowhere.history.csv"));
}

}  // namespace
}  // namespace digits
