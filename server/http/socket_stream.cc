#include "server/http/socket_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "server/http/listener.h"

namespace digits {
namespace {

using std::chrono::milliseconds;

constexpr size_t kBufferBytes = size_t{16} << 10;
// Twice what the library takes as one line.
constexpr uint64_t kMaxHeadBytes = uint64_t{16} << 10;
constexpr size_t kMaxRangeBytes = 256;
// Between two looks at whether to go on waiting.
constexpr milliseconds kLook{20};
// Of a goodbye while others wait.
constexpr milliseconds kShortGoodbye{300};

bool Poll(int socket, short events, milliseconds timeout) {
  pollfd waiting = {socket, events, 0};
  return poll(&waiting, 1, static_cast<int>(timeout.count())) > 0;
}

bool IsTemporary(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

bool IsTokenCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

bool IsWellFormed(std::string_view line, bool first) {
  if (!line.ends_with('\r')) return false;
  if (first) return true;
  const size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const std::string_view name = line.substr(0, colon);
  if (!std::all_of(name.begin(), name.end(), IsTokenCharacter)) return false;
  const absl::string_view value =
      absl::StripAsciiWhitespace({line.data() + colon + 1, line.size() - colon - 1});
  const auto is_called = [&](absl::string_view other) {
    return absl::EqualsIgnoreCase({name.data(), name.size()}, other);
  };
  if (is_called("Content-Length")) {
    return !value.empty() && std::all_of(value.begin(), value.end(), absl::ascii_isdigit);
  }
  return !is_called("Range") || value.size() <= kMaxRangeBytes;
}

SocketStream::SocketStream(int socket, const HttpLimits& limits,
                           const std::atomic<Clock::time_point>& end,
                           const std::function<bool()>& wanted)
    : socket_(socket), limits_(limits), end_(end), wanted_(wanted), buffer_(kBufferBytes) {}

SocketStream::~SocketStream() { close(socket_); }

bool SocketStream::AwaitRequest(absl::FunctionRef<bool()> give_up) {
  while (begin_ == filled_ && !Poll(socket_, POLLIN, kLook)) {
    if (give_up()) return false;
  }
  deadline_ = Clock::now() + limits_.request_time;
  waited_ = Clock::duration::zero();
  moved_ = filled_ - begin_;
  timed_out_ = false;
  readable_ = kMaxHeadBytes;
  in_head_ = true;
  line_.clear();
  lines_ = 0;
  return begin_ < filled_ || Fill() > 0;
}

std::string SocketStream::Peer() const {
  sockaddr_storage peer = {};
  socklen_t size = sizeof(peer);
  if (getpeername(socket_, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return "";
  return (peer.ss_family == AF_INET6 ? "ipv6:" : "ipv4:") + AddressText(peer, size);
}

void SocketStream::CloseGently() {
  shutdown(socket_, SHUT_WR);
  deadline_ = Clock::now() + limits_.goodbye_time;
  waited_ = Clock::duration::zero();
  closing_ = true;
  while (Fill() > 0) {
  }
}

ssize_t SocketStream::read(char* data, size_t size) {
  size = static_cast<size_t>(std::min<uint64_t>(size, readable_));
  if (size == 0) return -1;
  if (begin_ == filled_) {
    if (const ssize_t got = Fill(); got <= 0) return got;
  }
  size = std::min(size, filled_ - begin_);
  std::memcpy(data, buffer_.data() + begin_, size);
  if (in_head_ && !TakeHead({data, size})) {
    readable_ = 0;
    return -1;
  }
  begin_ += size;
  readable_ -= size;
  return static_cast<ssize_t>(size);
}

bool SocketStream::TakeHead(std::string_view bytes) {
  for (const char byte : bytes) {
    if (byte != '\n') {
      line_ += byte;
      continue;
    }
    if (line_ == "\r" && lines_ > 0) {
      in_head_ = false;
      return true;
    }
    if (!IsWellFormed(line_, lines_ == 0)) return false;
    ++lines_;
    line_.clear();
  }
  return true;
}

ssize_t SocketStream::write(const char* data, size_t size) {
  while (writable_) {
    const ssize_t sent = send(socket_, data, size, MSG_NOSIGNAL);
    if (sent >= 0) {
      moved_ += static_cast<uint64_t>(sent);
      return sent;
    }
    writable_ = IsTemporary(errno) && WaitFor(POLLOUT);
  }
  return -1;
}

bool SocketStream::IsSlow() const {
  if (closing_) return waited_ > kShortGoodbye;
  const std::chrono::duration<double> at_rate(static_cast<double>(moved_) /
                                              limits_.slow_bytes_per_second);
  return waited_ > limits_.slow_time + at_rate;
}

bool SocketStream::WaitFor(short events) {
  for (;;) {
    const Clock::time_point now = Clock::now();
    const auto left = std::min(deadline_, end_.load()) - now;
    if (left <= Clock::duration::zero()) {
      timed_out_ = true;
      return false;
    }
    // A client that is slow may have sent something meanwhile.
    if (IsSlow() && !Poll(socket_, events, milliseconds(0)) && wanted_()) {
      timed_out_ = gave_way_ = true;
      return false;
    }
    const bool ready =
        Poll(socket_, events, std::min(kLook, std::chrono::ceil<milliseconds>(left)));
    waited_ += Clock::now() - now;
    if (ready) return true;
  }
}

ssize_t SocketStream::Fill() {
  begin_ = filled_ = 0;
  for (;;) {
    if (!WaitFor(POLLIN)) return -1;
    const ssize_t got = recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (got > 0) {
      filled_ = static_cast<size_t>(got);
      moved_ += filled_;
    }
    if (got >= 0 || !IsTemporary(errno)) return got;
  }
}

}  // namespace digits
