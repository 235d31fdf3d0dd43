#include "server/files/standard_streams.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <functional>
#include <string>

namespace digits {
namespace {

// Runs `body` in a process of its own, whose streams it may spoil. Returns what it returns, or what
// ended the process.
std::string InAProcess(const std::function<std::string()>& body) {
  std::array<int, 2> ends = {};
  EXPECT_EQ(pipe(ends.data()), 0);
  const pid_t process = fork();
  if (process == 0) {
    const std::string answer = body();
    _exit(write(ends[1], answer.data(), answer.size()) < 0 ? 1 : 0);
  }
  close(ends[1]);
  std::array<char, 4096> buffer;
  const ssize_t got = read(ends[0], buffer.data(), buffer.size());
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(process, &status, 0), process);
  if (WIFSIGNALED(status)) return std::string("ended by ") + strsignal(WTERMSIG(status));
  return {buffer.data(), static_cast<size_t>(got)};
}

// Makes the stream a pipe that nobody reads.
void BreakPipe(int stream) {
  std::array<int, 2> ends = {};
  ASSERT_EQ(pipe(ends.data()), 0);
  dup2(ends[1], stream);
  close(ends[0]);
  close(ends[1]);
}

void Redirect(int stream, const char* path) {
  const int file = open(path, O_WRONLY);
  dup2(file, stream);
  close(file);
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(StandardStreamsTest, WritesAll) {
  std::array<int, 2> ends = {};
  ASSERT_EQ(pipe(ends.data()), 0);
  const std::string answer = InAProcess([&] {
    PrepareStandardStreams();
    dup2(ends[1], STDOUT_FILENO);
    return WriteStdout(std::string("a\0b", 3)).ok() ? "good" : "bad";
  });
  EXPECT_EQ(answer, "good");
  std::array<char, 10> buffer;
  ASSERT_EQ(read(ends[0], buffer.data(), buffer.size()), 3);
  EXPECT_EQ(std::string(buffer.data(), 3), std::string("a\0b", 3));
  close(ends[0]);
  close(ends[1]);
}

TEST(StandardStreamsTest, StdoutThatIsFullIsAnError) {
  EXPECT_EQ(InAProcess([] {
              PrepareStandardStreams();
              Redirect(STDOUT_FILENO, "/dev/full");
              return Message(WriteStdout("a"));
            }),
            "cannot write the results to stdout: No space left on device");
}

TEST(StandardStreamsTest, StdoutWhoseReaderHasGoneIsAnErrorAndNotTheEnd) {
  EXPECT_EQ(InAProcess([] {
              PrepareStandardStreams();
              BreakPipe(STDOUT_FILENO);
              return Message(WriteStdout("a"));
            }),
            "cannot write the results to stdout: Broken pipe");
}

TEST(StandardStreamsTest, StdoutThatIsClosedIsAnErrorAndNoFileTakesItsPlace) {
  EXPECT_EQ(InAProcess([] {
              for (const int stream : {0, 1, 2}) close(stream);
              PrepareStandardStreams();
              const int file = open("/dev/null", O_WRONLY);
              return (file > 2 ? "" : "a file took its place; ") + Message(WriteStdout("a"));
            }),
            "cannot write the results to stdout: Bad file descriptor");
}

TEST(StandardStreamsTest, StreamsThatAreOpenStayAsTheyAre) {
  EXPECT_EQ(InAProcess([] {
              Redirect(STDOUT_FILENO, "/dev/null");
              PrepareStandardStreams();
              return WriteStdout("a").ok() ? "good" : "bad";
            }),
            "good");
}

TEST(StandardStreamsTest, StderrThatCannotBeWrittenIsPassedOver) {
  EXPECT_EQ(InAProcess([] {
              PrepareStandardStreams();
              Redirect(STDERR_FILENO, "/dev/full");
              WriteStderr("a");
              BreakPipe(STDERR_FILENO);
              WriteStderr("b");
              close(STDERR_FILENO);
              WriteStderr("c");
              return "alive";
            }),
            "alive");
}

}  // namespace
}  // namespace digits
