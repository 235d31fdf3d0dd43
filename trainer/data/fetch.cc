#include "trainer/data/fetch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "server/files/file.h"
#include "server/files/sha256.h"
#include "trainer/data/gzip.h"

namespace digits {
namespace {

// A file descriptor that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { Close(); }

  int number() const { return number_; }
  void Close() {
    if (number_ >= 0) close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

// Reads to the end, and keeps the first few thousand bytes.
std::string ReadMessage(int descriptor) {
  constexpr size_t kMost = 4096;
  std::string message;
  std::array<char, 1024> buffer;
  while (true) {
    const ssize_t got = read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return message;
    if (message.size() < kMost) message.append(buffer.data(), static_cast<size_t>(got));
  }
}

// Runs curl, which writes what `url` holds to `output`.
absl::Status RunCurl(const std::string& url, int output) {
  std::array<int, 2> ends = {};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return absl::ErrnoToStatus(errno, "a pipe cannot be made");
  const Descriptor messages(ends[0]);
  Descriptor curl_messages(ends[1]);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const absl::Cleanup destroy = [&actions] { posix_spawn_file_actions_destroy(&actions); };
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, curl_messages.number(), STDERR_FILENO);

  // Redirections stay within the mirror's own protocol. Slower than 1 kB/s for ten seconds is a
  // stall.
  std::vector<std::string> arguments = {"curl",
                                        "--silent",
                                        "--show-error",
                                        "--fail",
                                        "--location",
                                        "--proto",
                                        fmt::format("={}", url.substr(0, url.find("://"))),
                                        "--connect-timeout",
                                        "5",
                                        "--speed-limit",
                                        "1000",
                                        "--speed-time",
                                        "10",
                                        "--max-time",
                                        "300",
                                        "--max-filesize",
                                        "100000000",
                                        url};
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t process = 0;
  const int error = posix_spawnp(&process, "curl", &actions, nullptr, argv.data(), environ);
  if (error == ENOENT) {
    return absl::FailedPreconditionError(
        "downloading needs the program curl, which is not installed (apt-get install curl)");
  }
  if (error != 0) return absl::ErrnoToStatus(error, "curl cannot be started");

  curl_messages.Close();  // or the end of the messages would never come
  std::string message = ReadMessage(messages.number());
  int status = 0;
  while (waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) return absl::ErrnoToStatus(errno, "curl's end cannot be seen");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  absl::StripAsciiWhitespace(&message);
  if (!message.empty()) return absl::UnavailableError(message);
  return absl::UnavailableError(
      WIFEXITED(status) ? fmt::format("curl failed with exit code {}", WEXITSTATUS(status))
                        : fmt::format("curl was ended by signal {}", WTERMSIG(status)));
}

absl::StatusOr<std::string> Sha256OfFile(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxFileBytes);
  if (!bytes.ok()) return bytes.status();
  return Sha256Hex(*bytes);
}

// Downloads `url` to `path`, by way of a file beside it.
absl::Status Download(const std::string& url, const std::string& sha256, const std::string& path) {
  const std::string part = fmt::format("{}.{}.part", path, getpid());
  Descriptor output(open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (output.number() < 0) {
    return absl::ErrnoToStatus(errno, fmt::format("{} cannot be written", part));
  }
  const absl::Cleanup remove = [&part] { unlink(part.c_str()); };
  if (absl::Status status = RunCurl(url, output.number()); !status.ok()) return status;
  const absl::StatusOr<std::string> hash = Sha256OfFile(part);
  if (!hash.ok()) return hash.status();
  if (*hash != sha256) {
    return absl::UnavailableError(
        fmt::format("gave another file: its SHA-256 is {}, expected {}", *hash, sha256));
  }
  if (rename(part.c_str(), path.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, fmt::format("{} cannot be written", path));
  }
  return absl::OkStatus();
}

std::string_view Message(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

// Whether the file that is there already is the right one.
absl::Status CheckPresent(const RemoteFile& file, const std::string& path) {
  const absl::StatusOr<std::string> hash = Sha256OfFile(path);
  if (!hash.ok()) return hash.status();
  if (*hash == file.sha256) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{}: is there already, but is another file (its SHA-256 is {}, expected {}): "
                  "move it away, or fetch into another folder",
                  path, *hash, file.sha256));
}

// Asks one mirror after another, from `mirror` on, which becomes the one that gave the file.
absl::Status FetchFile(const RemoteFile& file, const std::vector<std::string>& mirrors,
                       const std::string& path, size_t& mirror) {
  std::string failures;
  for (size_t i = 0; i < mirrors.size(); ++i, mirror = (mirror + 1) % mirrors.size()) {
    const std::string url = mirrors[mirror] + file.name;
    absl::Status status = Download(url, file.sha256, path);
    // Where it is not the mirror's fault, no other mirror helps.
    if (status.code() != absl::StatusCode::kUnavailable) return status;
    failures += fmt::format("\n  {}: {}", url, Message(status));
  }
  return absl::UnavailableError(fmt::format(
      "{} cannot be downloaded; without a network, put the files there by hand{}", path, failures));
}

}  // namespace

RemoteFiles MnistFiles() {
  return {
      .mirrors = {"https://storage.googleapis.com/cvdf-datasets/mnist/",
                  "https://ossci-datasets.s3.amazonaws.com/mnist/"},
      .files = {{"train-images-idx3-ubyte.gz",
                 "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
                {"train-labels-idx1-ubyte.gz",
                 "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
                {"t10k-images-idx3-ubyte.gz",
                 "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
                {"t10k-labels-idx1-ubyte.gz",
                 "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"}},
  };
}

absl::Status Fetch(const RemoteFiles& remote, const std::string& directory,
                   const std::function<void(std::string_view)>& report) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(), fmt::format("{}: cannot be made", directory));
  }
  size_t mirror = 0;  // the one that gave the last file, to be asked first
  for (const RemoteFile& file : remote.files) {
    const std::string path = std::filesystem::path(directory) / file.name;
    if (std::filesystem::exists(path, error)) {
      if (absl::Status status = CheckPresent(file, path); !status.ok()) return status;
      report(fmt::format("{}: already there", path));
      continue;
    }
    if (absl::Status status = FetchFile(file, remote.mirrors, path, mirror); !status.ok()) {
      return status;
    }
    report(fmt::format("{}: fetched from {}", path, remote.mirrors[mirror]));
  }
  return absl::OkStatus();
}

}  // namespace digits
