#include "client/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string>

#include "server/files/standard_streams.h"

namespace digits {
namespace {

constexpr std::chrono::milliseconds kFirstDraw(200);
constexpr std::chrono::milliseconds kBetweenDraws(50);
constexpr size_t kBarWidth = 30;

}  // namespace

Progress::Progress(size_t images)
    : images_(images), on_terminal_(isatty(STDERR_FILENO) == 1), next_draw_(start_ + kFirstDraw) {}

Progress::~Progress() {
  if (drawn_) WriteStderr("\r\x1b[K");
}

void Progress::Update(size_t done) {
  const Clock::time_point now = Clock::now();
  if (!on_terminal_ || now < next_draw_) return;
  next_draw_ = now + kBetweenDraws;
  drawn_ = true;
  const double rate =
      static_cast<double>(done) / std::chrono::duration<double>(now - start_).count();
  const std::string bar(kBarWidth * done / images_, '=');
  WriteStderr(fmt::format("\r{:3} % [{:<{}}] {}/{} images, {:.0f} images/s\x1b[K",
                          100 * done / images_, bar, kBarWidth, done, images_, rate));
}

}  // namespace digits
