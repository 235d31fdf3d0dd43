#include "tests/e2e/process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace digits {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPoll{10};

std::filesystem::path NewFile(const std::filesystem::path& folder, const std::string& extension) {
  static std::atomic<int> number = 0;
  return folder / ("process-" + std::to_string(number++) + extension);
}

std::string ReadAll(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const std::filesystem::path& folder)
    : stdout_(NewFile(folder, ".out")), stderr_(NewFile(folder, ".err")) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // Servers would otherwise all want the port of --http; one whose HTTP is looked at is told where.
  setenv("DIGITS_HTTP", "none", /*overwrite=*/0);
  const int flags = O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC;
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = open(stdout_.c_str(), flags, 0600);
  const int err = open(stderr_.c_str(), flags, 0600);
  pid_ = fork();
  if (pid_ == 0) {
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
        dup2(err, STDERR_FILENO) >= 0 && chdir(folder.c_str()) == 0) {
      execv(argv[0], argv.data());
    }
    _exit(127);
  }
  for (const int file : {in, out, err}) close(file);
  if (pid_ < 0) {
    std::cerr << "cannot fork for " << arguments[0] << "\n";
    std::abort();
  }
}

Process::~Process() {
  if (Running()) {
    Signal(SIGKILL);
    Wait(std::chrono::seconds(30));
  }
}

void Process::Signal(int signal) const {
  if (pid_ > 0) kill(pid_, signal);
}

int Process::Wait(std::chrono::seconds deadline) {
  const auto end = Clock::now() + deadline;
  while (Running()) {
    if (Clock::now() > end) Signal(SIGKILL);
    std::this_thread::sleep_for(kPoll);
  }
  return exit_code_;
}

bool Process::Running() {
  int status = 0;
  if (pid_ > 0 && waitpid(pid_, &status, WNOHANG) == pid_) {
    pid_ = -1;
    exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  return pid_ > 0;
}

std::string Process::Stdout() const { return ReadAll(stdout_); }

std::string Process::Stderr() const { return ReadAll(stderr_); }

Finished RunProgram(const std::vector<std::string>& arguments,
                    const std::filesystem::path& folder) {
  Process process(arguments, folder);
  const int exit_code = process.Wait(std::chrono::minutes(5));
  return {exit_code, process.Stdout(), process.Stderr()};
}

std::vector<std::string> LabelsOfCsv(const std::string& csv) {
  std::vector<std::string> labels;
  std::istringstream rows(csv);
  std::string row;
  for (std::getline(rows, row); std::getline(rows, row);) {  // the first one is the header
    const size_t begin = row.find(',') + 1;
    labels.push_back(row.substr(begin, row.find(',', begin) - begin));
  }
  return labels;
}

std::string WaitForAddress(Process& server, const std::string& event) {
  const auto end = Clock::now() + std::chrono::seconds(30);
  while (server.Running() && Clock::now() < end) {
    std::istringstream log(server.Stderr());
    for (std::string line; std::getline(log, line);) {
      const auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
      if (entry.is_object() && entry.value("event", "") == event) {
        return entry.value("address", "");
      }
    }
    std::this_thread::sleep_for(kPoll);
  }
  return "";
}

}  // namespace digits
