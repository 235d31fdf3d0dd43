// A progress bar for people who wait.
#ifndef DIGITS_CLIENT_PROGRESS_H_
#define DIGITS_CLIENT_PROGRESS_H_

#include <chrono>
#include <cstddef>

namespace digits {

// Draws on stderr where that is a terminal, first after a fifth of a second, and clears itself at
// the end. For one thread.
class Progress {
 public:
  explicit Progress(size_t images);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Update(size_t done);

 private:
  using Clock = std::chrono::steady_clock;

  const size_t images_;
  const bool on_terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_draw_;
  bool drawn_ = false;
};

}  // namespace digits

#endif  // DIGITS_CLIENT_PROGRESS_H_
