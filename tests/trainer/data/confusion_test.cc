#include "trainer/data/confusion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace digits {
namespace {

TEST(ConfusionMatrixTest, CountsByTruthAndAnswer) {
  ConfusionMatrix confusion(3);
  confusion.Add(0, 0);
  confusion.Add(0, 2);
  confusion.Add(0, 2);
  confusion.Add(2, 2);
  EXPECT_EQ(confusion.count(0, 0), 1);
  EXPECT_EQ(confusion.count(0, 2), 2);
  EXPECT_EQ(confusion.count(2, 0), 0);
  EXPECT_EQ(confusion.total(), 4);
  EXPECT_EQ(confusion.correct(), 2);
  EXPECT_DOUBLE_EQ(confusion.accuracy(), 0.5);
}

TEST(ConfusionMatrixTest, HasNoAccuracyBeforeAnythingIsAdded) {
  EXPECT_EQ(ConfusionMatrix(10).accuracy(), 0.0);
}

TEST(ConfusionMatrixTest, IsATableWithARowATrueClass) {
  const std::vector<std::string> names = {"cat", "dog", "x"};
  ConfusionMatrix confusion(3);
  for (int i = 0; i < 1234; ++i) confusion.Add(0, 0);
  confusion.Add(1, 0);
  confusion.Add(1, 1);
  EXPECT_EQ(confusion.ToTable(names),
            "truth   cat   dog     x    right\n"
            "  cat  1234     .     .  100.0 %\n"
            "  dog     1     1     .   50.0 %\n"
            "    x     .     .     .\n");
}

}  // namespace
}  // namespace digits
