#include "server/files/standard_streams.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
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

absl::StatusOr<std::string> ReadStdin(size_t max_bytes) {
  std::string bytes;
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t count = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absl::ErrnoToStatus(errno, "cannot read standard input");
    if (count == 0) return bytes;
    bytes.append(buffer.data(), static_cast<size_t>(count));
    if (bytes.size() > max_bytes) {
      return absl::InvalidArgumentError(
          fmt::format("standard input has more than {} bytes, the most that is read", max_bytes));
    }
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
