#include "trainer/progress.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>

namespace digits {
namespace {

// What a fit of three epochs shows.
std::string Shown(bool terminal, const std::function<void(FitObserver&)>& fit) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  Progress progress(file.get(), terminal, 3);
  fit(progress);
  std::rewind(file.get());
  std::array<char, 4096> buffer;
  return {buffer.data(), std::fread(buffer.data(), 1, buffer.size(), file.get())};
}

EpochRecord Record(double seconds) {
  EpochRecord record;
  record.epoch = 2;
  record.seconds = seconds;
  record.train = {0.2558, 0.927};
  return record;
}

TEST(ProgressTest, IsALineAnEpochWhereThereIsNoTerminal) {
  EXPECT_EQ(Shown(/*terminal=*/false,
                  [](FitObserver& progress) {
                    progress.OnEpochBegin(2);
                    progress.OnBatch({2, 469, 1876, 1.0, {0.5, 0.75}});
                    EpochRecord record = Record(0.0375);
                    record.validation = {0.2416, 0.9301};
                    progress.OnEpochEnd(record, 1875);
                  }),
            "Epoch 2/3\n"
            "1875/1875 - 0s 20us/step - loss: 0.2558 - accuracy: 0.9270 - val_loss: 0.2416 - "
            "val_accuracy: 0.9301\n");
}

TEST(ProgressTest, IsABarOnATerminalThatTheLineTakesThePlaceOf) {
  EXPECT_EQ(Shown(/*terminal=*/true,
                  [](FitObserver& progress) {
                    progress.OnBatch({2, 469, 1876, 1.0, {0.5, 0.75}});
                    progress.OnBatch({2, 470, 1876, 1.0, {0.5, 0.75}});  // too soon to draw
                    progress.OnEpochEnd(Record(4), 1876);
                  }),
            "\r\x1b[K469/1876 [====............] - ETA: 3s - loss: 0.5000 - accuracy: 0.7500"
            "\r\x1b[K1876/1876 - 4s 2ms/step - loss: 0.2558 - accuracy: 0.9270\n");
}

TEST(ProgressTest, TellsLongTimesInMinutesAndHours) {
  EXPECT_EQ(Shown(/*terminal=*/false,
                  [](FitObserver& progress) {
                    progress.OnEpochEnd(Record(75), 1000);
                    progress.OnEpochEnd(Record(3725), 5);
                  }),
            "1000/1000 - 1:15 75ms/step - loss: 0.2558 - accuracy: 0.9270\n"
            "5/5 - 1:02:05 745s/step - loss: 0.2558 - accuracy: 0.9270\n");
}

}  // namespace
}  // namespace digits
