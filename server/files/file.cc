#include "server/files/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <random>
#include <system_error>

namespace digits {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  ~FileDescriptor() { Close(); }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return descriptor_; }
  bool valid() const { return descriptor_ >= 0; }
  bool Close() {
    const int descriptor = descriptor_;
    descriptor_ = -1;
    return descriptor < 0 || close(descriptor) == 0;
  }

 private:
  int descriptor_;
};

absl::Status SystemError(std::string_view action, const std::string& path) {
  const int error = errno;  // before anything can change it
  return absl::ErrnoToStatus(error, fmt::format("cannot {} {}", action, path));
}

bool WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// Devices and pipes, such as /dev/stdout. A pipe is waited for until somebody reads it.
absl::Status WriteInPlace(const std::string& path, std::string_view bytes) {
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (file.valid() && WriteAll(file.get(), bytes) && file.Close()) return absl::OkStatus();
  return SystemError("write", path);
}

// What `path` stands for in the end, where it is a symbolic link; there need be nothing.
std::string FollowLinks(const std::string& path) {
  constexpr int kMaxLinks = 40;  // Linux's own limit
  std::filesystem::path target = path;
  std::error_code error;
  for (int i = 0; i < kMaxLinks; ++i) {
    const std::filesystem::path link = std::filesystem::read_symlink(target, error);
    if (error) break;
    target = target.parent_path() / link;
  }
  return target;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  // Without O_NONBLOCK, opening a pipe that nobody writes would wait for ever.
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return SystemError("open", path);
  struct stat attributes = {};
  if (fstat(file.get(), &attributes) != 0) return SystemError("examine", path);
  if (!S_ISREG(attributes.st_mode)) {
    return absl::InvalidArgumentError(fmt::format("{} is not a regular file", path));
  }
  if (static_cast<size_t>(attributes.st_size) > max_bytes) {
    return absl::InvalidArgumentError(
        fmt::format("{} has {} bytes; at most {} are read", path, attributes.st_size, max_bytes));
  }
  std::string bytes(static_cast<size_t>(attributes.st_size), '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count = read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("read", path);
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
}

absl::Status WriteFile(const std::string& path, std::string_view bytes) {
  struct stat attributes = {};
  const bool exists = stat(path.c_str(), &attributes) == 0;
  if (!exists && errno != ENOENT) return SystemError("write", path);
  if (exists && !S_ISREG(attributes.st_mode)) return WriteInPlace(path, bytes);
  const std::string target = FollowLinks(path);
  const std::string temporary = fmt::format("{}.{:08x}.tmp", target, std::random_device{}());
  FileDescriptor file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file.valid()) return SystemError("create a temporary file beside", path);
  if ((!exists || fchmod(file.get(), attributes.st_mode & 0777) == 0) &&
      WriteAll(file.get(), bytes) && fsync(file.get()) == 0 && file.Close() &&
      rename(temporary.c_str(), target.c_str()) == 0) {
    return absl::OkStatus();
  }
  absl::Status status = SystemError("write", path);
  unlink(temporary.c_str());
  return status;
}

}  // namespace digits
