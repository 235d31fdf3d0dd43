// A progress bar for people who wait.
#ifndef DIGITS_CLIENT_PROGRESS_H_
#define DIGITS_CLIENT_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace digits {

// Draws how much is done, how fast, and how long the rest will take, on stderr where that is a
// terminal, first after a fifth of a second, and clears itself at the end. For one thread.
class Progress {
 public:
  // units: what is counted, such as "images", a literal.
  Progress(size_t total, std::string_view units);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Update(size_t done);

 private:
  using Clock = std::chrono::steady_clock;

  const size_t total_;
  const std::string_view units_;
  const bool on_terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_draw_;
  bool drawn_ = false;
};

// A line of it, without what moves the cursor: " 40 % [====      ] 4/10 images, 2.0/s, 0:03 left".
// Not wider than 79 columns below ten million. total, seconds > 0.
std::string ProgressLine(size_t done, size_t total, std::string_view units, double seconds);

}  // namespace digits

#endif  // DIGITS_CLIENT_PROGRESS_H_
