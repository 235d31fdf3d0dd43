#include "server/files/standard_streams.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace digits {

void PrepareStandardStreams() {
  signal(SIGPIPE, SIG_IGN);
  // Opened the other way round than they are used, so that using them fails as it did. In this
  // order each gets the lowest number that is free, which is its own.
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
    open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

absl::Status WriteStdout(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
    return absl::OkStatus();
  }
  return absl::ErrnoToStatus(errno, "cannot write the results to stdout");
}

void WriteStderr(std::string_view text) {
  // Not by a stream of C++ or fmt, which would throw or stay silent from then on.
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace digits
