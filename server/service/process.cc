#include "server/service/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

namespace digits {
namespace {

constexpr int kStopSignals[] = {SIGTERM, SIGINT};

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kStopSignals) sigaddset(&set, signal);
  return set;
}

// A handler of our own, as the default action does nothing to a container's first process.
void EndAtOnce(int signal) { _exit(128 + signal); }

}  // namespace

void PrepareProcess() {
  const sigset_t stop_signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);

  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

int WaitForStopSignal() {
  const sigset_t stop_signals = StopSignals();
  int signal = 0;
  while (sigwait(&stop_signals, &signal) != 0) {
  }
  for (const int again : kStopSignals) std::signal(again, EndAtOnce);
  pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);
  return signal;
}

}  // namespace digits
