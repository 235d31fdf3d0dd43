#include "client/progress.h"

#include <gtest/gtest.h>

namespace digits {
namespace {

TEST(ProgressTest, TellsHowMuchIsDoneHowFastAndWhatIsLeft) {
  EXPECT_EQ(ProgressLine(250, 1000, "files", 5),
            " 25 % [=======                       ] 250/1000 files, 50 files/s, 0:15 left");
  EXPECT_EQ(ProgressLine(1000, 1000, "images", 2),
            "100 % [==============================] 1000/1000 images, 500 images/s, 0:00 left");
}

TEST(ProgressTest, TellsMinutesAndHoursThatAreLeft) {
  EXPECT_EQ(ProgressLine(1, 100, "files", 1.25),
            "  1 % [                              ] 1/100 files, 1 files/s, 2:04 left");
  EXPECT_EQ(ProgressLine(1, 4000, "files", 1),
            "  0 % [                              ] 1/4000 files, 1 files/s, 1:06:39 left");
}

TEST(ProgressTest, TellsNoTimeBeforeAnythingIsDone) {
  EXPECT_EQ(ProgressLine(0, 9, "files", 3),
            "  0 % [                              ] 0/9 files, 0 files/s");
}

}  // namespace
}  // namespace digits
