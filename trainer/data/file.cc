#include "trainer/data/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#define ZLIB_CONST  // for a stream that leaves its input alone
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"

namespace digits {
namespace {

absl::Status SystemError(const std::string& path, int error) {
  return absl::ErrnoToStatus(error, fmt::format("{}: cannot be read", path));
}

// An open regular file.
class InputFile {
 public:
  static absl::StatusOr<InputFile> Open(const std::string& path) {
    // Not to block at a pipe that nobody writes to, before fstat can tell that it is one.
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return SystemError(path, errno);
    InputFile file(path, descriptor);
    struct stat status = {};
    if (fstat(descriptor, &status) != 0) return SystemError(path, errno);
    if (!S_ISREG(status.st_mode)) {
      return absl::InvalidArgumentError(
          fmt::format("{}: is {}, not a file", path,
                      S_ISDIR(status.st_mode) ? "a folder" : "a pipe, a socket or a device"));
    }
    file.size_ = static_cast<size_t>(status.st_size);
    return file;
  }
  InputFile(InputFile&& other) noexcept
      : path_(std::move(other.path_)),
        descriptor_(std::exchange(other.descriptor_, -1)),
        size_(other.size_) {}
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  // What the file system says; the file may change while it is read.
  size_t size() const { return size_; }

  // The bytes from the start to the end of the file, but at most `count`.
  absl::StatusOr<std::string> ReadUpTo(size_t count) const {
    std::string bytes;
    std::array<char, 65536> buffer;
    bytes.reserve(std::min(count, size_));
    while (bytes.size() < count) {
      const ssize_t got =
          read(descriptor_, buffer.data(), std::min(buffer.size(), count - bytes.size()));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return SystemError(path_, errno);
      if (got == 0) break;
      bytes.append(buffer.data(), static_cast<size_t>(got));
    }
    return bytes;
  }

 private:
  InputFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_;
  size_t size_ = 0;
};

absl::Status TooLarge(std::string_view name, size_t max_bytes) {
  return absl::InvalidArgumentError(
      fmt::format("{}: holds more than {} bytes, the most that is read", name, max_bytes));
}

}  // namespace

absl::StatusOr<std::string> ReadDataFile(const std::string& path) {
  absl::StatusOr<InputFile> file = InputFile::Open(path);
  if (!file.ok()) return file.status();
  if (file->size() > kMaxFileBytes) return TooLarge(path, kMaxFileBytes);
  absl::StatusOr<std::string> bytes = file->ReadUpTo(kMaxFileBytes + 1);
  if (bytes.ok() && bytes->size() > kMaxFileBytes) return TooLarge(path, kMaxFileBytes);
  return bytes;
}

absl::StatusOr<FileStart> ReadFileStart(const std::string& path, size_t count) {
  absl::StatusOr<InputFile> file = InputFile::Open(path);
  if (!file.ok()) return file.status();
  absl::StatusOr<std::string> bytes = file->ReadUpTo(count);
  if (!bytes.ok()) return bytes.status();
  return FileStart{*std::move(bytes), file->size()};
}

bool IsGzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

absl::StatusOr<std::string> Gunzip(std::string_view bytes, std::string_view name,
                                   size_t max_bytes) {
  constexpr int kGzipOnly = 16;  // added to the window bits, as zlib.h says
  z_stream stream = {};
  if (inflateInit2(&stream, MAX_WBITS + kGzipOnly) != Z_OK) {
    return absl::ResourceExhaustedError(fmt::format("{}: no memory to inflate it", name));
  }
  const absl::Cleanup end = [&stream] { inflateEnd(&stream); };

  std::string content;
  std::array<char, 65536> buffer;
  stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  int result = Z_OK;
  while (result != Z_STREAM_END || stream.avail_in > 0) {
    // A gzip file may be several, one after another.
    if (result == Z_STREAM_END) inflateReset(&stream);
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    result = inflate(&stream, Z_NO_FLUSH);
    if (result == Z_BUF_ERROR) {
      return absl::InvalidArgumentError(fmt::format(
          "{}: the gzip data end early, after {} bytes: the file is cut off", name, bytes.size()));
    }
    if (result != Z_OK && result != Z_STREAM_END) {
      return absl::InvalidArgumentError(fmt::format("{}: the gzip data are damaged at byte {}: {}",
                                                    name, bytes.size() - stream.avail_in,
                                                    stream.msg ? stream.msg : zError(result)));
    }
    content.append(buffer.data(), buffer.size() - stream.avail_out);
    if (content.size() > max_bytes) return TooLarge(name, max_bytes);
  }
  return content;
}

}  // namespace digits
