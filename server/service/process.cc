#include "server/service/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

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

void PrepareProcess(size_t threads) {
  // gRPC's epoll has all threads wait for all connections: the one that notices a call hands it
  // over to another, and with two threads a call costs twice as much as with one. Its poll has each
  // thread wait for its own; what that costs grows with their number, a tenth of a microsecond
  // each.
  if (threads > 1) setenv("GRPC_POLL_STRATEGY", "poll", 0);

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
