#include "client/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "server/files/standard_streams.h"

namespace digits {
namespace {

constexpr std::chrono::milliseconds kFirstDraw(200);
constexpr std::chrono::milliseconds kBetweenDraws(50);
constexpr size_t kProgressWidth = 20;

// Hours where there are any, minutes and seconds.
std::string TimeText(double seconds) {
  const auto whole = static_cast<long>(std::ceil(std::min(seconds, 359'999.0)));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

std::string ProgressLine(size_t done, size_t total, std::string_view units, double seconds) {
  const std::string bar(kProgressWidth * done / total, '=');
  const double rate = static_cast<double>(done) / seconds;
  std::string line = fmt::format("{:3} % [{:<{}}] {}/{} {}, {:.{}f}/s", 100 * done / total, bar,
                                 kProgressWidth, done, total, units, rate, rate < 10 ? 1 : 0);
  if (done > 0) {
    line += fmt::format(", {} left", TimeText(static_cast<double>(total - done) / rate));
  }
  return line;
}

Progress::Progress(size_t total, std::string_view units)
    : total_(total),
      units_(units),
      on_terminal_(isatty(STDERR_FILENO) == 1),
      next_draw_(start_ + kFirstDraw) {}

Progress::~Progress() {
  if (drawn_) WriteStderr("\r\x1b[K");
}

void Progress::Update(size_t done) {
  const Clock::time_point now = Clock::now();
  if (!on_terminal_ || now < next_draw_) return;
  next_draw_ = now + kBetweenDraws;
  drawn_ = true;
  const std::chrono::duration<double> time = now - start_;
  WriteStderr(fmt::format("\r{}\x1b[K", ProgressLine(done, total_, units_, time.count())));
}

}  // namespace digits
