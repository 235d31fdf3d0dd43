// Runs the built programs as their users do, and reads what they print.
#ifndef DIGITS_TESTS_E2E_PROCESS_H_
#define DIGITS_TESTS_E2E_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace digits {

// A running program. Killed on destruction where it still runs.
class Process {
 public:
  // Starts arguments[0] in this process's environment, with DIGITS_HTTP=none where that is not set,
  // in folder `folder`, where its stdout and stderr go to files. Aborts the test program where the
  // system cannot start it.
  Process(const std::vector<std::string>& arguments, const std::filesystem::path& folder);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void Signal(int signal) const;

  // Waits for the end. Returns the exit code, or 128 + the signal that ended it; kills a program
  // that has not ended after `deadline` and returns 128 + SIGKILL.
  int Wait(std::chrono::seconds deadline);

  bool Running();

  // What it has written so far.
  std::string Stdout() const;
  std::string Stderr() const;

 private:
  const std::filesystem::path stdout_;
  const std::filesystem::path stderr_;
  pid_t pid_ = -1;
  int exit_code_ = -1;
};

// What a program that has ended leaves.
struct Finished {
  int exit_code = 0;
  std::string out;
  std::string err;
};

// Starts a program and waits for its end, five minutes at most.
Finished RunProgram(const std::vector<std::string>& arguments, const std::filesystem::path& folder);

// The labels in what `digits-client classify --format csv` prints.
std::vector<std::string> LabelsOfCsv(const std::string& csv);

// Waits until a server says on stderr where it listens; 30 seconds at most. Returns the address,
// or nothing where the server ended or said nothing. `event` is "serving_http" for that of HTTP.
std::string WaitForAddress(Process& server, const std::string& event = "listening");

}  // namespace digits

#endif  // DIGITS_TESTS_E2E_PROCESS_H_
