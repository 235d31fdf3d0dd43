#include "trainer/training/history.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

namespace digits {
namespace {

std::vector<EpochRecord> TwoEpochs(bool validated) {
  std::vector<EpochRecord> history(2);
  history[0] = {1, 0.5, {2.25, 0.125}, std::nullopt};
  history[1] = {2, 0.25, {1.5, 0.5}, std::nullopt};
  if (validated) {
    history[0].validation = Measures{2.0, 0.25};
    history[1].validation = Measures{1.75, 0.375};
  }
  return history;
}

TEST(HistoryTest, CsvHasARowAnEpoch) {
  EXPECT_EQ(HistoryCsv(TwoEpochs(true)),
            "epoch,seconds,loss,accuracy,val_loss,val_accuracy\n"
            "1,0.500000,2.25,0.125,2,0.25\n"
            "2,0.250000,1.5,0.5,1.75,0.375\n");
}

TEST(HistoryTest, CsvLeavesValidationEmptyWhereThereWasNone) {
  EXPECT_EQ(HistoryCsv(TwoEpochs(false)),
            "epoch,seconds,loss,accuracy,val_loss,val_accuracy\n"
            "1,0.500000,2.25,0.125,,\n"
            "2,0.250000,1.5,0.5,,\n");
}

TEST(HistoryTest, JsonHasAListAColumn) {
  const auto json = nlohmann::json::parse(HistoryJson(TwoEpochs(true)));
  EXPECT_EQ(json, nlohmann::json::parse(R"({"epoch": [1, 2], "seconds": [0.5, 0.25],
      "loss": [2.25, 1.5], "accuracy": [0.125, 0.5],
      "val_loss": [2.0, 1.75], "val_accuracy": [0.25, 0.375]})"));
}

TEST(HistoryTest, JsonHasNoValidationWhereThereWasNone) {
  const auto json = nlohmann::json::parse(HistoryJson(TwoEpochs(false)));
  EXPECT_TRUE(json.contains("loss"));
  EXPECT_FALSE(json.contains("val_loss"));
}

}  // namespace
}  // namespace digits
