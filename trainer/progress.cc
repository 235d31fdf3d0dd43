#include "trainer/progress.h"

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace digits {
namespace {

constexpr size_t kBarWidth = 16;  // so that a line fits into 80 columns
constexpr std::chrono::milliseconds kBetweenDrawings(100);

std::string FormatTotal(double seconds) {
  if (seconds < 60) return fmt::format("{:.0f}s", seconds);
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string FormatStep(double seconds) {
  if (seconds >= 1) return fmt::format("{:.0f}s/step", seconds);
  if (seconds >= 1e-3) return fmt::format("{:.0f}ms/step", seconds * 1e3);
  return fmt::format("{:.0f}us/step", seconds * 1e6);
}

std::string FormatMeasures(const Measures& measures, const char* prefix) {
  return fmt::format(" - {0}loss: {1:.4f} - {0}accuracy: {2:.4f}", prefix, measures.loss,
                     measures.accuracy);
}

}  // namespace

void Progress::OnEpochBegin(int epoch) {
  std::fputs(fmt::format("Epoch {}/{}\n", epoch, epochs_).c_str(), file_);
}

void Progress::OnBatch(const BatchProgress& progress) {
  if (!terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < kBetweenDrawings) return;
  drawn_ = now;
  const size_t done = progress.batch * kBarWidth / progress.batches;
  const double left = progress.seconds / static_cast<double>(progress.batch) *
                      static_cast<double>(progress.batches - progress.batch);
  const std::string line = fmt::format(
      "\r\x1b[K{}/{} [{}{}] - ETA: {}{}", progress.batch, progress.batches, std::string(done, '='),
      std::string(kBarWidth - done, '.'), FormatTotal(left), FormatMeasures(progress.train, ""));
  std::fputs(line.c_str(), file_);
  std::fflush(file_);
}

void Progress::OnEpochEnd(const EpochRecord& record, size_t batches) {
  const std::string line = fmt::format(
      "{}{}/{} - {} {}{}{}\n", terminal_ ? "\r\x1b[K" : "", batches, batches,
      FormatTotal(record.seconds), FormatStep(record.seconds / static_cast<double>(batches)),
      FormatMeasures(record.train, ""),
      record.validation ? FormatMeasures(*record.validation, "val_") : "");
  std::fputs(line.c_str(), file_);
}

void Progress::OnResume(int epoch) {
  std::fputs(fmt::format("resumed after epoch {}/{}\n", epoch, epochs_).c_str(), file_);
}

void Progress::OnCheckpointFailed(const absl::Status& status) {
  std::fputs(fmt::format("the checkpoint of this epoch was not written: {}\n",
                         std::string(status.message()))
                 .c_str(),
             file_);
}

}  // namespace digits
