#include "client/progress.h"

#include <gtest/gtest.h>

namespace digits {
namespace {

TEST(ProgressTest, TellsHowMuchIsDoneHowFastAndWhatIsLeft) {
  EXPECT_EQ(ProgressLine(250, 1000, "files", 5),
            " 25 % [=====               ] 250/1000 files, 50/s, 0:15 left");
  EXPECT_EQ(ProgressLine(1000, 1000, "images", 2),
            "100 % [====================] 1000/1000 images, 500/s, 0:00 left");
}

TEST(ProgressTest, TellsMinutesAndHoursThatAreLeft) {
  EXPECT_EQ(ProgressLine(1, 100, "files", 1.25),
            "  1 % [                    ] 1/100 files, 0.8/s, 2:04 left");
  EXPECT_EQ(ProgressLine(1, 4000, "files", 1),
            "  0 % [                    ] 1/4000 files, 1.0/s, 1:06:39 left");
}

TEST(ProgressTest, TellsNoTimeBeforeAnythingIsDone) {
  EXPECT_EQ(ProgressLine(0, 9, "files", 3), "  0 % [                    ] 0/9 files, 0.0/s");
}

TEST(ProgressTest, FitsATerminalOf80Columns) {
  for (const size_t done : {0, 1, 500'000, 1'000'000}) {
    for (const double seconds : {0.2, 60.0, 1e6}) {
      EXPECT_LE(ProgressLine(done, 1'000'000, "images", seconds).size(), 79u)
          << done << " in " << seconds;
    }
  }
}

}  // namespace
}  // namespace digits
